import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { HistoryStore } from "./store/history-store.ts";

export interface MaintenanceOptions {
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keep: KeepPeriods;
}

/** What is older is removed; absent: nothing is. Summaries stay when what they sum up goes. */
export interface KeepPeriods {
  readonly rawMs?: number | undefined;
  readonly minutesMs?: number | undefined;
  readonly hoursMs?: number | undefined;
  readonly eventsMs?: number | undefined;
}

const periodMs = 600_000;
/** Hours are summed up this long after their end, so that most late samples are in. */
const rollupDelayMs = 300_000;
/** Series hours summed up at once: an embedded store does nothing else meanwhile. */
const rollupsAtOnce = 20;
const restMs = 250;

/** Makes room for the days to come, removes what is too old and keeps the rollups up to date; at once and then regularly. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #timer: Disposable | undefined;
  #stopped = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#run()
      // A store that is away tells so itself; the next round makes up for this one.
      .catch((error: unknown) => this.#options.logger.debug({ err: error }, "The history store was not maintained"))
      .finally(() => {
        if (!this.#stopped) this.#timer = this.#options.clock.after(periodMs, () => this.start());
      });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    const { store, clock, keep } = this.#options;
    const now = clock.now();
    const from = (keptMs: number | undefined): number | undefined => keptMs && now - keptMs;
    await store.maintain(now, {
      raw: from(keep.rawMs),
      minutes: from(keep.minutesMs),
      hours: from(keep.hoursMs),
      events: from(keep.eventsMs),
    });
    for (let done = rollupsAtOnce; done === rollupsAtOnce && !this.#stopped; ) {
      done = await store.refreshRollups(now - rollupDelayMs, rollupsAtOnce);
      await new Promise<void>((resolve) => clock.after(restMs, resolve));
    }
  }
}
