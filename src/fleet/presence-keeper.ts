import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { Logger } from "#lib/logger.ts";
import type { PresenceStore } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";

export interface PresenceKeeperParts {
  readonly board: PresenceBoard;
  readonly store: PresenceStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** How much of `lastSeen` a killed host may forget. Default 60 s. */
  readonly periodMs?: number;
}

/** Carries presence over a restart: restores it, then saves it now and then and at the end. */
export class PresenceKeeper implements AsyncDisposable {
  readonly #parts: PresenceKeeperParts;
  readonly #timer: Disposable;
  #saving: Promise<void> = Promise.resolve();

  private constructor(parts: PresenceKeeperParts) {
    this.#parts = parts;
    this.#timer = every(parts.clock, parts.periodMs ?? 60_000, () => this.#save());
  }

  /** Restores what the store has. A store that cannot be read costs only the times when devices were last seen. */
  static async open(parts: PresenceKeeperParts): Promise<PresenceKeeper> {
    const { board, store, clock, log } = parts;
    try {
      board.restore(await store.load(), clock.now());
    } catch (error) {
      log.error({ err: error }, "it is not known when the devices were last seen");
    }
    return new PresenceKeeper(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    this.#save();
    await this.#saving;
  }

  #save(): void {
    const { board, store, log } = this.#parts;
    this.#saving = this.#saving
      .then(() => store.save(board.records()))
      .catch((error: unknown) => log.error({ err: error }, "the presence of the devices could not be saved"));
  }
}
