import type { Device } from "#fleet/device.ts";
import type { SampleSink } from "#fleet/ports.ts";
import {
  type ForwardLimits,
  type ForwardTrouble,
  StoreAndForward,
  unavailable,
} from "#historian/forward/store-and-forward.ts";
import type { RecordJournal } from "#historian/journal/record-journal.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { HistoryColumns, TimeRange } from "./columns.ts";
import { Intake } from "./intake.ts";
import { LiveLane } from "./live-lane.ts";
import type { SeriesTable } from "./series-table.ts";
import type { HistoryStore } from "./store/history-store.ts";
import { StoreLane } from "./store-lane.ts";
import type { RefusedRow } from "./store-rows.ts";
import type { WriterCounters, WriterTally } from "./writer-tally.ts";

export interface HistoryWriterOptions {
  readonly store: HistoryStore;
  readonly journal: RecordJournal<HistoryColumns>;
  /** Names the series of `journal` too. */
  readonly series: SeriesTable;
  readonly tally: WriterTally;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1): spreads the retries of several hosts. */
  readonly random: () => number;
  /** Puts rows that the store refuses where a person finds them. */
  readonly onRefused: (rows: readonly RefusedRow<HistoryColumns>[]) => Promise<void>;
  readonly limits?: Partial<WriterLimits>;
}

export interface WriterLimits extends ForwardLimits {
  /** A record of the journal has about this many rows at most ... */
  readonly recordRows: number;
  /** ... or is this old. */
  readonly recordMs: number;
  /** Samples beyond this many, not even in the journal yet, are dropped and counted. */
  readonly maxUnsavedRows: number;
}

const defaultLimits: WriterLimits = {
  recordRows: 1000,
  recordMs: 100,
  batchRows: 5000,
  batchMs: 250,
  // Ten seconds of a busy disk at 150,000 values/s; about 40 bytes each.
  maxUnsavedRows: 1_500_000,
  maxHeldRows: 500_000,
};

/**
 * Takes every accepted sample and brings the historized ones into the journal and from there into the store, in the
 * background.
 */
export class HistoryWriter implements SampleSink {
  readonly #options: HistoryWriterOptions;
  readonly #limits: WriterLimits;
  readonly #intake: Intake;
  readonly #lane: StoreLane;
  readonly #live: LiveLane;
  readonly #forward: StoreAndForward<HistoryColumns>;
  #sealTimer: Disposable | undefined;
  #closed = false;

  constructor(options: HistoryWriterOptions) {
    const { store, journal, series, tally, clock, logger } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#lane = new StoreLane(store, series);
    this.#intake = new Intake(series, tally, this.#limits.recordRows + 256);
    this.#live = new LiveLane(this.#lane, journal.pendingRange()?.to ?? Number.NEGATIVE_INFINITY, { clock, logger });
    this.#forward = new StoreAndForward({
      ...options,
      limits: this.#limits,
      type: sampleContent(series),
      store: (batch) => this.#store(batch),
      onSaved: (batch, isBehind) => this.#live.observe(batch, isBehind),
    });
  }

  accept(device: Device, batch: SampleBatch): void {
    const { recordRows, recordMs, maxUnsavedRows } = this.#limits;
    const isFull = this.#forward.unsavedRows + this.#intake.size >= maxUnsavedRows;
    const refusal = this.#closed ? "not-stored-before-close" : isFull ? "queue-full" : undefined;
    this.#intake.add(device, batch, refusal);
    if (this.#intake.size >= recordRows) this.#seal();
    else if (this.#intake.size > 0) this.#sealTimer ??= this.#options.clock.after(recordMs, () => this.#seal());
  }

  /**
   * Resolves when everything accepted so far survives a crash: then a message may be acknowledged to its sender.
   * Throws `history-unavailable` when samples had to be dropped because the journal takes nothing.
   */
  async durable(): Promise<void> {
    if (this.#forward.unsavedRows >= this.#limits.maxUnsavedRows) {
      throw unavailable(this.trouble()?.text ?? "too many samples");
    }
    await this.#forward.durable(this.#intake.size > 0 ? 1 : 0);
  }

  /**
   * Resolves when everything accepted so far is in the store (or dropped and counted).
   * Throws `history-unavailable` as soon as the store does not take it, or when that takes too long.
   */
  async flush(): Promise<void> {
    this.#seal();
    await this.#forward.flush();
  }

  /** Source times of what is not in the store yet, at least; undefined when everything is. */
  pendingRange(): TimeRange | undefined {
    return this.#forward.pendingRange();
  }

  counters(): WriterCounters {
    return this.#options.tally.counters();
  }

  /** Why samples do not reach the journal or the store at the moment; undefined while they do. */
  trouble(): ForwardTrouble | undefined {
    return this.#forward.trouble();
  }

  /**
   * Saves what was accepted and stores it if that takes less than `timeoutMs`; the rest stays in the journal for the next
   * start. The journal is not closed.
   */
  async close(timeoutMs = 2000): Promise<void> {
    this.#seal();
    this.#closed = true;
    const left = await this.#forward.close(timeoutMs);
    this.#live.stop();
    this.#options.tally.lost(left, "not-stored-before-close");
  }

  #seal(): void {
    this.#sealTimer?.[Symbol.dispose]();
    this.#sealTimer = undefined;
    if (this.#intake.size > 0) this.#forward.add(this.#intake.take());
  }

  async #store(batch: HistoryColumns): Promise<void> {
    const { tally, onRefused } = this.#options;
    const { stored, refused } = await this.#lane.write(batch);
    if (refused.length > 0) await onRefused(refused);
    tally.stored(batch.size, stored, refused.length);
  }
}
