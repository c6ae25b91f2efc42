import type { Device } from "#fleet/device.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { SampleJournal } from "#historian/journal/sample-journal.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { type HistoryColumns, type TimeRange, timeRangeOf, unionOf } from "./columns.ts";
import { Intake } from "./intake.ts";
import { LiveLane } from "./live-lane.ts";
import { SampleQueue } from "./sample-queue.ts";
import type { SeriesTable } from "./series-table.ts";
import type { HistoryStore } from "./store/history-store.ts";
import { StoreDrain } from "./store-drain.ts";
import { StoreLane } from "./store-lane.ts";
import type { RefusedRow } from "./store-rows.ts";
import type { WriterCounters, WriterTally } from "./writer-tally.ts";

export interface HistoryWriterOptions {
  readonly store: HistoryStore;
  readonly journal: SampleJournal;
  /** Names the series of `journal` too. */
  readonly series: SeriesTable;
  readonly tally: WriterTally;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1): spreads the retries of several hosts. */
  readonly random: () => number;
  /** Puts rows that the store refuses where a person finds them. */
  readonly onRefused: (rows: readonly RefusedRow[]) => Promise<void>;
  /** A record of the journal has about this many rows at most ... */
  readonly recordRows?: number;
  /** ... or is this old. */
  readonly recordMs?: number;
  /** The same for what goes to the store in one transaction. */
  readonly batchRows?: number;
  readonly batchMs?: number;
  /** Samples beyond this many, not even in the journal yet, are dropped and counted. */
  readonly maxUnsavedRows?: number;
  /** Samples in the journal beyond this many are read from disk when their turn comes. */
  readonly maxHeldRows?: number;
}

interface Waiter {
  readonly until: number;
  /** Waits on when there is trouble. */
  readonly isPatient: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const saveRetryMs = 1000;
const longestFlushMs = 10_000;

/**
 * Takes every accepted sample and brings the historized ones into the journal and from there into the store, in the
 * background.
 */
export class HistoryWriter implements SampleSink {
  readonly #options: Required<HistoryWriterOptions>;
  readonly #intake: Intake;
  readonly #queue: SampleQueue;
  readonly #drain: StoreDrain;
  readonly #live: LiveLane;
  /** Sealed and not in the journal yet. */
  #unsaved: HistoryColumns[] = [];
  #unsavedRows = 0;
  #sealedBatches = 0;
  #savedBatches = 0;
  #saveWaiters: readonly Waiter[] = [];
  #storeWaiters: readonly Waiter[] = [];
  #saving: Promise<void> | undefined;
  #sealTimer: Disposable | undefined;
  #saveTimer: Disposable | undefined;
  #saveTrouble: string | undefined;
  #closed = false;

  constructor(options: HistoryWriterOptions) {
    this.#options = {
      recordRows: 1000,
      recordMs: 100,
      batchRows: 5000,
      batchMs: 250,
      maxUnsavedRows: 200_000,
      maxHeldRows: 500_000,
      ...options,
    };
    const { store, journal, series, tally, recordRows, maxHeldRows, clock, logger } = this.#options;
    const lane = new StoreLane(store, series);
    this.#intake = new Intake(series, tally, recordRows + 256);
    this.#queue = new SampleQueue(journal, maxHeldRows);
    this.#live = new LiveLane(lane, journal.pendingRange()?.to ?? Number.NEGATIVE_INFINITY, { clock, logger });
    this.#drain = new StoreDrain({ ...this.#options, queue: this.#queue, lane, onProgress: () => this.#onProgress() });
    this.#drain.wake();
  }

  accept(device: Device, batch: SampleBatch): void {
    const { clock, recordRows, recordMs, maxUnsavedRows } = this.#options;
    const isFull = this.#unsavedRows + this.#intake.size >= maxUnsavedRows;
    const refusal = this.#closed ? "not-stored-before-close" : isFull ? "queue-full" : undefined;
    this.#intake.add(device, batch, refusal);
    if (this.#intake.size >= recordRows) this.#seal();
    else if (this.#intake.size > 0) this.#sealTimer ??= clock.after(recordMs, () => this.#seal());
  }

  /**
   * Resolves when everything accepted so far survives a crash: then a message may be acknowledged to its sender.
   * Throws `history-unavailable` when samples had to be dropped because the journal takes nothing.
   */
  async durable(): Promise<void> {
    if (this.#unsavedRows >= this.#options.maxUnsavedRows) throw unavailable(this.#saveTrouble ?? "too many samples");
    await this.#saveAll(true);
  }

  async #saveAll(isPatient: boolean): Promise<void> {
    const until = this.#sealedBatches + (this.#intake.size > 0 ? 1 : 0);
    if (this.#savedBatches >= until) return;
    await new Promise<void>((resolve, reject) => {
      this.#saveWaiters = [...this.#saveWaiters, { until, isPatient, resolve, reject }];
    });
  }

  /**
   * Resolves when everything accepted so far is in the store (or dropped and counted).
   * Throws `history-unavailable` as soon as the store does not take it, or when that takes too long.
   */
  async flush(): Promise<void> {
    this.#seal();
    if (this.#saveTrouble !== undefined) throw unavailable(this.#saveTrouble);
    await this.#saveAll(false);
    const { journal, clock } = this.#options;
    const until = journal.lastSeq;
    if (journal.committed >= until) return;
    if (this.#drain.trouble !== undefined) throw unavailable(this.#drain.trouble);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#storeWaiters = [...this.#storeWaiters, { until, isPatient: false, resolve, reject }];
    using _deadline = clock.after(longestFlushMs, () => reject(unavailable("a backlog is still being stored")));
    this.#drain.hurry();
    await promise;
  }

  /** Source times of what is not in the store yet, at least; undefined when everything is. */
  pendingRange(): TimeRange | undefined {
    const ranges = this.#unsaved.map((columns) => timeRangeOf(columns.times));
    const saved = this.#queue.pendingRange();
    return unionOf(saved === undefined ? ranges : [saved, ...ranges]);
  }

  counters(): WriterCounters {
    return this.#options.tally.counters();
  }

  /** Why samples do not reach the journal or the store at the moment; undefined while they do. */
  trouble(): string | undefined {
    return this.#saveTrouble ?? this.#drain.trouble;
  }

  /**
   * Saves what was accepted and stores it if that takes less than `timeoutMs`; the rest stays in the journal for the next
   * start. The journal is not closed.
   */
  async close(timeoutMs = 2000): Promise<void> {
    if (this.#closed) return;
    this.#seal();
    this.#closed = true;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#options.clock.after(timeoutMs, resolve);
    await Promise.race([this.#finish(), late]);
    this.#saveTimer?.[Symbol.dispose]();
    this.#drain.stop();
    this.#live.stop();
    this.#options.tally.lost(this.#unsavedRows, "not-stored-before-close");
    this.#unsaved = [];
    this.#unsavedRows = 0;
  }

  async #finish(): Promise<void> {
    this.#saveTimer?.[Symbol.dispose]();
    await this.#saving;
    this.#startSaving();
    await this.#saving;
    await this.#drain.finish();
  }

  #seal(): void {
    this.#sealTimer?.[Symbol.dispose]();
    this.#sealTimer = undefined;
    if (this.#intake.size === 0) return;
    const columns = this.#intake.take();
    this.#unsaved.push(columns);
    this.#unsavedRows += columns.size;
    this.#sealedBatches += 1;
    if (this.#saveTimer === undefined) this.#startSaving();
  }

  #startSaving(): void {
    this.#saveTimer = undefined;
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /** Saves in groups: what arrives while the disk is busy waits and goes together. */
  async #save(): Promise<void> {
    const { journal } = this.#options;
    try {
      while (this.#unsaved.length > 0) {
        const batches = [...this.#unsaved];
        const lastSeq = await journal.append(batches);
        this.#unsaved.splice(0, batches.length);
        this.#saved(batches, lastSeq);
      }
    } catch (error) {
      this.#notSaved(error);
    }
  }

  #saved(batches: readonly HistoryColumns[], lastSeq: number): void {
    for (const [i, columns] of batches.entries()) {
      this.#unsavedRows -= columns.size;
      this.#queue.push(lastSeq - batches.length + 1 + i, columns);
      this.#live.observe(columns, this.#queue.isBehind);
    }
    this.#savedBatches += batches.length;
    if (this.#saveTrouble !== undefined) this.#options.logger.info("The journal takes samples again");
    this.#saveTrouble = undefined;
    this.#saveWaiters = settle(this.#saveWaiters, this.#savedBatches);
    this.#drain.wake();
  }

  #notSaved(error: unknown): void {
    const { clock, logger } = this.#options;
    if (this.#saveTrouble === undefined)
      logger.error({ err: error }, "The journal takes no samples; they wait in memory");
    this.#saveTrouble = messageOf(error);
    this.#saveWaiters = rejectImpatient(this.#saveWaiters, this.#saveTrouble);
    if (!this.#closed) this.#saveTimer = clock.after(saveRetryMs, () => this.#startSaving());
  }

  #onProgress(): void {
    const { trouble } = this.#drain;
    this.#storeWaiters = settle(this.#storeWaiters, this.#options.journal.committed);
    if (trouble !== undefined) this.#storeWaiters = rejectImpatient(this.#storeWaiters, trouble);
  }
}

/** Resolves the waiters whose time has come and returns the others. */
function settle(waiters: readonly Waiter[], reached: number): readonly Waiter[] {
  for (const waiter of waiters) if (waiter.until <= reached) waiter.resolve();
  return waiters.filter((waiter) => waiter.until > reached);
}

function rejectImpatient(waiters: readonly Waiter[], trouble: string): readonly Waiter[] {
  for (const waiter of waiters) if (!waiter.isPatient) waiter.reject(unavailable(trouble));
  return waiters.filter((waiter) => waiter.isPatient);
}

function unavailable(cause: string): HostError {
  return new HostError("history-unavailable", `The history store is not available: ${cause}`);
}
