import { AddCause, type ControlResult, refused } from "./add-cause.ts";

/** A selection lapses when nothing follows. */
const selectionMs = 30_000;

interface Held {
  readonly id: number;
  readonly client: string;
  readonly untilMs: number;
}

/** Select-before-operate: one client at a time holds the right to close. */
export class Selection {
  /** Id of the last selection granted; 0 before the first. */
  lastId = 0;
  #held: Held | undefined;

  /** Grants the selection to `client` or says who is in the way. */
  select(client: string, nowMs: number): ControlResult | undefined {
    const held = this.#valid(nowMs);
    if (held !== undefined && held.client !== client) {
      return refused(AddCause.lockedByOtherClient, `selected by ${held.client}`);
    }
    if (held !== undefined) return refused(AddCause.alreadySelected, `already selected with id ${held.id}`);
    this.lastId += 1;
    this.#held = { id: this.lastId, client, untilMs: nowMs + selectionMs };
    return undefined;
  }

  /** Gives the selection up; refused for a selection that is not held. */
  cancel(id: number, nowMs: number): ControlResult | undefined {
    if (this.#valid(nowMs)?.id !== id) return refused(AddCause.notSelected, `selection ${id} is not held`);
    this.#held = undefined;
    return undefined;
  }

  /** Uses the selection up for an operation of `client`; refused without one. */
  take(client: string, nowMs: number): ControlResult | undefined {
    const held = this.#valid(nowMs);
    if (held === undefined) {
      const lapsed = this.#held !== undefined;
      return lapsed
        ? refused(AddCause.timeLimitOver, "the selection has lapsed")
        : refused(AddCause.notSelected, "select Close first");
    }
    if (held.client !== client) return refused(AddCause.lockedByOtherClient, `selected by ${held.client}`);
    this.#held = undefined;
    return undefined;
  }

  #valid(nowMs: number): Held | undefined {
    return this.#held !== undefined && nowMs < this.#held.untilMs ? this.#held : undefined;
  }
}
