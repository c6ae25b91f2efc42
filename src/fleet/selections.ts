import type { Clock } from "#lib/clock.ts";
import { AddCause } from "#model/add-cause.ts";
import { type Principal, sessionOf } from "#model/command.ts";
import type { Audit } from "./audit.ts";
import { Refusal } from "./commands/refusal.ts";
import type { Device } from "./device.ts";

export interface Selection {
  /** Names the selection; whoever holds it may cancel it. */
  readonly token: string;
  /** Name of the command that it allows. */
  readonly command: string;
  readonly timeoutMs: number;
}

export interface SelectionsParts {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly audit: Audit;
}

interface Held {
  readonly selection: Selection;
  readonly by: Principal;
  readonly timer: Disposable;
}

/** Select-before-operate: one session at a time holds the right to do a command on a device, for a short time. */
export class Selections {
  readonly #parts: SelectionsParts;
  readonly #held = new Map<Device, Held>();
  /** Devices whose last selection lapsed, to tell its holder apart from one that never selected. */
  readonly #lapsed = new Map<Device, string>();

  constructor(parts: SelectionsParts) {
    this.#parts = parts;
  }

  /** Grants a selection; throws `command-busy` while anybody (the same session included) holds one. */
  select(device: Device, command: string, timeoutMs: number, by: Principal): Selection {
    const held = this.#held.get(device);
    if (held !== undefined) {
      const isOwn = sessionOf(held.by) === sessionOf(by);
      const cause = isOwn ? AddCause.objectAlreadySelected : AddCause.lockedByOtherClient;
      throw new Refusal("command-busy", cause, `${device.id} is selected for ${command} by ${held.by.user} already`);
    }
    const selection = { token: this.#parts.newId(), command, timeoutMs };
    const timer = this.#parts.clock.after(timeoutMs, () => this.#lapse(device));
    this.#held.set(device, { selection, by, timer });
    this.#lapsed.delete(device);
    this.#note(device, by, "Select", selection);
    return selection;
  }

  /** Throws `not-selected` unless the session of `by` holds a selection for the command. */
  check(device: Device, command: string, by: Principal): void {
    const held = this.#held.get(device);
    if (held !== undefined && sessionOf(held.by) !== sessionOf(by)) {
      throw new Refusal("not-selected", AddCause.lockedByOtherClient, `${device.id} is selected by ${held.by.user}`);
    }
    if (held?.selection.command === command) return;
    if (this.#lapsed.get(device) === sessionOf(by)) {
      throw new Refusal(
        "not-selected",
        AddCause.timeLimitOver,
        `the selection of ${device.id} has lapsed: select again`,
      );
    }
    throw new Refusal("not-selected", AddCause.objectNotSelected, `${device.id}: select ${command} before`);
  }

  /** Uses the selection up: one operation per selection. */
  take(device: Device): void {
    this.#drop(device);
  }

  /** Gives a selection up; throws `not-selected` when `by` does not hold the one named by `token`. */
  cancel(device: Device, token: string, by: Principal): void {
    const held = this.#held.get(device);
    if (held === undefined || held.selection.token !== token || sessionOf(held.by) !== sessionOf(by)) {
      throw new Refusal(
        "not-selected",
        AddCause.objectNotSelected,
        `${by.user} holds no selection ${token} of ${device.id}`,
      );
    }
    this.#drop(device);
    this.#note(device, by, "Cancel", held.selection);
  }

  /** Selections do not outlive the session that made them. */
  sessionEnded(session: string): void {
    for (const [device, { by }] of this.#held) if (sessionOf(by) === session) this.#drop(device);
  }

  forget(device: Device): void {
    this.#drop(device);
    this.#lapsed.delete(device);
  }

  #lapse(device: Device): void {
    const held = this.#held.get(device);
    if (held === undefined) return;
    this.#held.delete(device);
    this.#lapsed.set(device, sessionOf(held.by));
    this.#note(device, held.by, "selection lapsed", held.selection);
  }

  #drop(device: Device): void {
    this.#held.get(device)?.timer[Symbol.dispose]();
    this.#held.delete(device);
  }

  #note(device: Device, by: Principal, action: string, selection: Selection): void {
    this.#parts.audit.note({
      at: this.#parts.clock.now(),
      kind: "selection",
      commandId: selection.token,
      user: by.user,
      origin: by.origin,
      device: device.id,
      action,
      arguments: { Operation: selection.command },
    });
  }
}
