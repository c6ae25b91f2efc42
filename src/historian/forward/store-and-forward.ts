import { type TimeRange, unionOf } from "#historian/columns.ts";
import type { BatchType } from "#historian/journal/journal-content.ts";
import { JournalFull, type RecordJournal } from "#historian/journal/record-journal.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { RecordQueue } from "./record-queue.ts";
import { StoreDrain } from "./store-drain.ts";

export interface ForwardLimits {
  /** What goes to the store in one transaction has about this many items ... */
  readonly batchRows: number;
  /** ... or is this old. */
  readonly batchMs: number;
  /** Items in the journal beyond this many are read from disk when their turn comes. */
  readonly maxHeldRows: number;
}

export interface StoreAndForwardOptions<T> {
  readonly journal: RecordJournal<T>;
  readonly type: BatchType<T>;
  readonly limits: ForwardLimits;
  /** Brings a batch into the store; throws `history-unavailable` with nothing of it known to be stored. */
  readonly store: (batch: T) => Promise<void>;
  /** Told of a batch that is in the journal; `isBehind`: others, only on disk, come before it. */
  readonly onSaved?: (batch: T, isBehind: boolean) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1): spreads the retries of several hosts. */
  readonly random: () => number;
}

/** What keeps batches from where they are to go; undefined while nothing does. */
export interface ForwardTrouble {
  readonly place: "journal" | "store";
  /** The journal is at its limits: it takes more when some is stored, or the disk has room again. */
  readonly isFull: boolean;
  readonly text: string;
}

/** All who wait for the same. */
interface Waiter extends PromiseWithResolvers<void> {
  readonly until: number;
  /** Waits on when there is trouble. */
  readonly isPatient: boolean;
}

/** Batches that are saved at once at most: encoding them holds up everything else. */
const groupBatches = 64;
const saveRetryMs = 1000;
const longestFlushMs = 10_000;

/** Brings batches into a journal and from there into the store, in order and in the background. */
export class StoreAndForward<T> {
  readonly #options: StoreAndForwardOptions<T>;
  readonly #queue: RecordQueue<T>;
  readonly #drain: StoreDrain<T>;
  /** Not in the journal yet. */
  #unsaved: T[] = [];
  #unsavedRows = 0;
  #addedBatches = 0;
  #savedBatches = 0;
  #saveWaiters: readonly Waiter[] = [];
  #storeWaiters: readonly Waiter[] = [];
  #saving: Promise<void> | undefined;
  #saveTimer: Disposable | undefined;
  #saveTrouble: ForwardTrouble | undefined;
  #closed = false;

  constructor(options: StoreAndForwardOptions<T>) {
    this.#options = options;
    const { journal, type, limits } = options;
    this.#queue = new RecordQueue(journal, type, limits.maxHeldRows);
    this.#drain = new StoreDrain({ ...options, ...limits, queue: this.#queue, onProgress: () => this.#onProgress() });
    this.#drain.wake();
  }

  /** Items that the journal has not taken yet. */
  get unsavedRows(): number {
    return this.#unsavedRows;
  }

  /** Takes a batch over: it must not change any more. */
  add(batch: T): void {
    this.#unsaved.push(batch);
    this.#unsavedRows += this.#options.type.size(batch);
    this.#addedBatches += 1;
    if (this.#saveTimer === undefined) this.#startSaving();
  }

  /** Resolves when the journal has everything added so far and `toCome` more batches, however long that takes. */
  async durable(toCome = 0): Promise<void> {
    await this.#saved(this.#addedBatches + toCome, true);
  }

  /**
   * Resolves when everything added so far is in the store (or dropped and counted).
   * Throws `history-unavailable` as soon as the store does not take it, or when that takes too long.
   */
  async flush(): Promise<void> {
    if (this.#saveTrouble !== undefined) throw unavailable(this.#saveTrouble.text);
    await this.#saved(this.#addedBatches, false);
    const { journal, clock } = this.#options;
    const until = journal.lastSeq;
    if (journal.committed >= until) return;
    if (this.#drain.trouble !== undefined) throw unavailable(this.#drain.trouble);
    const waiter = { until, isPatient: false, ...Promise.withResolvers<void>() };
    this.#storeWaiters = [...this.#storeWaiters, waiter];
    using _deadline = clock.after(longestFlushMs, () => waiter.reject(unavailable("a backlog is still being stored")));
    this.#drain.hurry();
    await waiter.promise;
  }

  /** Times of what is not in the store yet, at least; undefined when everything is. */
  pendingRange(): TimeRange | undefined {
    const ranges = this.#unsaved.map((batch) => this.#options.type.rangeOf(batch));
    const saved = this.#queue.pendingRange();
    return unionOf(saved === undefined ? ranges : [saved, ...ranges]);
  }

  trouble(): ForwardTrouble | undefined {
    if (this.#saveTrouble !== undefined) return this.#saveTrouble;
    const text = this.#drain.trouble;
    return text === undefined ? undefined : { place: "store", isFull: false, text };
  }

  /**
   * Saves what was added and stores it if that takes less than `timeoutMs`; the rest stays in the journal for the next
   * start. Gives the number of items that not even the journal has. The journal is not closed.
   */
  async close(timeoutMs = 2000): Promise<number> {
    if (this.#closed) return 0;
    this.#closed = true;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#options.clock.after(timeoutMs, resolve);
    await Promise.race([this.#finish(), late]);
    this.#saveTimer?.[Symbol.dispose]();
    this.#drain.stop();
    const left = this.#unsavedRows;
    this.#unsaved = [];
    this.#unsavedRows = 0;
    return left;
  }

  async #finish(): Promise<void> {
    this.#saveTimer?.[Symbol.dispose]();
    await this.#saving;
    this.#startSaving();
    await this.#saving;
    await this.#drain.finish();
  }

  async #saved(until: number, isPatient: boolean): Promise<void> {
    if (this.#savedBatches >= until) return;
    const last = this.#saveWaiters.at(-1);
    // Messages ask one by one, and most of them for the record that is being filled.
    if (last?.until === until && last.isPatient === isPatient) return last.promise;
    const waiter = { until, isPatient, ...Promise.withResolvers<void>() };
    this.#saveWaiters = [...this.#saveWaiters, waiter];
    await waiter.promise;
  }

  #startSaving(): void {
    this.#saveTimer = undefined;
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /** Saves in groups: what arrives while the disk is busy waits and goes together. */
  async #save(): Promise<void> {
    try {
      while (this.#unsaved.length > 0) {
        const batches = this.#unsaved.slice(0, groupBatches);
        const lastSeq = await this.#append(batches);
        this.#unsaved.splice(0, batches.length);
        this.#keep(batches, lastSeq);
      }
    } catch (error) {
      this.#notSaved(error);
    }
  }

  /** Where not all of a group fits any more, the first of it may: `batches` is cut to what was written. */
  async #append(batches: T[]): Promise<number> {
    for (;;) {
      try {
        return await this.#options.journal.append(batches);
      } catch (error) {
        if (!(error instanceof JournalFull) || batches.length === 1) throw error;
        batches.length >>= 1;
      }
    }
  }

  #keep(batches: readonly T[], lastSeq: number): void {
    const { type, onSaved, logger } = this.#options;
    for (const [i, batch] of batches.entries()) {
      this.#unsavedRows -= type.size(batch);
      this.#queue.push(lastSeq - batches.length + 1 + i, batch);
      onSaved?.(batch, this.#queue.isBehind);
    }
    this.#savedBatches += batches.length;
    if (this.#saveTrouble !== undefined) logger.info("The journal takes more again");
    this.#saveTrouble = undefined;
    this.#saveWaiters = settle(this.#saveWaiters, this.#savedBatches);
    this.#drain.wake();
  }

  #notSaved(error: unknown): void {
    const { clock, logger } = this.#options;
    if (this.#saveTrouble === undefined) {
      logger.error({ err: error }, "The journal takes nothing more; what is new waits in memory");
    }
    const text = messageOf(error);
    this.#saveTrouble = { place: "journal", isFull: error instanceof JournalFull, text };
    this.#saveWaiters = rejectImpatient(this.#saveWaiters, text);
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

/** Says why the store cannot be asked now. */
export function unavailable(cause: string): HostError {
  return new HostError("history-unavailable", `The history store is not available: ${cause}`);
}
