import type { WarningBoard, WarningName } from "#fleet/warning-board.ts";
import type { Clock } from "#lib/clock.ts";
import type { EventCounters } from "./events/event-writer.ts";
import type { ForwardTrouble } from "./forward/store-and-forward.ts";
import type { StoreHealth } from "./store/history-store.ts";
import { dropReasons, type WriterCounters } from "./writer-tally.ts";

export interface HistoryWatchOptions {
  readonly warnings: Pick<WarningBoard, "raise" | "clear">;
  readonly clock: Clock;
  readonly storeHealth: () => StoreHealth;
  readonly samples: { trouble(): ForwardTrouble | undefined; counters(): WriterCounters };
  readonly events: { trouble(): ForwardTrouble | undefined; counters(): EventCounters };
}

const periodMs = 1000;
/** A loss is over when nothing more was lost for so long. */
const quietMs = 60_000;

/** Looks after what may become of values and events on their way into the store, and raises warnings. */
export class HistoryWatch implements Disposable {
  readonly #options: HistoryWatchOptions;
  readonly #standing = new Map<WarningName, string>();
  readonly #grown = new Map<WarningName, { readonly count: number; readonly at: number }>();
  #timer: Disposable | undefined;

  constructor(options: HistoryWatchOptions) {
    this.#options = options;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    const { clock, storeHealth, samples, events } = this.#options;
    const health = storeHealth();
    const troubles = [samples.trouble(), events.trouble()];
    const away = troubles.find((trouble) => trouble?.place === "store")?.text;
    this.#set("history-unavailable", health.available ? away : health.detail);
    this.#set("history-journal-full", troubles.find((trouble) => trouble?.place === "journal")?.text);
    this.#set("history-damaged", health.remark);
    const { dropped } = samples.counters();
    const refused = dropped["refused-by-store"];
    const lost = dropReasons.filter((reason) => reason !== "refused-by-store" && dropped[reason] > 0);
    const lostValues = lost.reduce((sum, reason) => sum + dropped[reason], 0);
    const lostEvents = events.counters().dropped;
    const reasons = lost.map((reason) => `${reason} ${dropped[reason]}`).join(", ");
    this.#count(
      "history-lost",
      lostValues + lostEvents,
      `${lostValues} values (${reasons}), ${lostEvents} events lost`,
    );
    this.#count("history-refused", refused, `${refused} values refused by the store; see the journal's quarantine`);
    this.#timer = clock.after(periodMs, () => this.#look());
  }

  /** Raises a warning while `count` keeps growing. */
  #count(name: WarningName, count: number, text: string): void {
    const now = this.#options.clock.now();
    const before = this.#grown.get(name) ?? { count: 0, at: Number.NEGATIVE_INFINITY };
    const latest = count > before.count ? { count, at: now } : before;
    this.#grown.set(name, latest);
    this.#set(name, now - latest.at < quietMs ? text : undefined);
  }

  #set(name: WarningName, text: string | undefined): void {
    if (this.#standing.get(name) === text) return;
    const { warnings, clock } = this.#options;
    if (text === undefined) {
      this.#standing.delete(name);
      warnings.clear(name, undefined);
    } else {
      this.#standing.set(name, text);
      warnings.raise({ name, device: undefined, since: clock.now(), text });
    }
  }
}
