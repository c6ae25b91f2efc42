import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import { isNormal } from "./alarm-states.ts";
import type { AlarmStore, KeptAlarm } from "./ports.ts";

export interface AlarmKeeperParts {
  readonly store: AlarmStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Every alarm that is not normal. */
  readonly all: () => readonly KeptAlarm[];
}

/** What a killed host may forget. */
const delayMs = 100;
const retryMs = 5_000;

/** Carries the states of alarms over a restart: what changed within a moment is written at once, 10,000 trips as well. */
export class AlarmKeeper implements AsyncDisposable {
  readonly #parts: AlarmKeeperParts;
  readonly #changed = new Map<string, AlarmState | undefined>();
  #saving: Promise<void> = Promise.resolve();
  #timer: Disposable | undefined;

  constructor(parts: AlarmKeeperParts) {
    this.#parts = parts;
  }

  note(id: string, state: AlarmState): void {
    this.#changed.set(id, isNormal(state) ? undefined : state);
    this.#wait(delayMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#save();
    await this.#saving;
  }

  #wait(ms: number): void {
    this.#timer ??= this.#parts.clock.after(ms, () => {
      this.#timer = undefined;
      this.#save();
    });
  }

  #save(): void {
    this.#saving = this.#saving.then(() => this.#write());
  }

  async #write(): Promise<void> {
    const { store, all, log } = this.#parts;
    if (this.#changed.size === 0) return;
    const changes = [...this.#changed].map(([id, state]): KeptAlarm => ({ id, state }));
    this.#changed.clear();
    try {
      await store.save(changes, all);
    } catch (error) {
      log.error({ err: error }, "the states of alarms could not be saved");
      // What changed again meanwhile is newer.
      for (const { id, state } of changes) if (!this.#changed.has(id)) this.#changed.set(id, state);
      this.#wait(retryMs);
    }
  }
}
