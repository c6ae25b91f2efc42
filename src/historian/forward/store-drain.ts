import type { RecordJournal } from "#historian/journal/record-journal.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";
import type { QueuedBatch, RecordQueue } from "./record-queue.ts";

export interface StoreDrainOptions<T> {
  readonly queue: RecordQueue<T>;
  readonly journal: RecordJournal<T>;
  /** Brings a batch into the store; throws `history-unavailable` with nothing of it known to be stored. */
  readonly store: (batch: T) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1): spreads the retries of several hosts. */
  readonly random: () => number;
  /** What goes to the store in one transaction has about this many items ... */
  readonly batchRows: number;
  /** ... or is this old. */
  readonly batchMs: number;
  /** Called after each batch and each failure. */
  readonly onProgress: () => void;
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;
/** The cursor may be this old: what it misses is stored again after a crash, which changes nothing. */
const persistMs = 1000;
/** Batches become smaller when the store needs longer for one, so that readers are served in between. */
const wantedLatencyMs = 200;
const leastRows = 500;
/**
 * Where more is waiting than a batch, so many go together at most: a quarter cheaper for the store, which meets each page of
 * its index less often. More hold up this thread for too long while they are sorted and encoded.
 */
const mostBatches = 4;
/** Share of the time that the store has for others while a backlog is drained. */
const restShare = 0.2;

/** Brings the queue into the store, batch after batch in order, for as long as it takes. */
export class StoreDrain<T> {
  readonly #options: StoreDrainOptions<T>;
  /** Taken from the queue and not stored yet. */
  #inHand: QueuedBatch<T> | undefined;
  #running: Promise<void> | undefined;
  #urgent = false;
  /** What goes together now. */
  #rows: number;
  #timer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  #persistTimer: Disposable | undefined;
  #retryMs = firstRetryMs;
  #trouble: string | undefined;
  #stopped = false;
  #isFinishing = false;
  #endRest: () => void = () => undefined;

  constructor(options: StoreDrainOptions<T>) {
    this.#options = options;
    this.#rows = options.batchRows;
  }

  /** Why the store takes nothing at the moment; undefined while it does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Looks at the queue: a full batch goes at once, less when it is old enough. */
  wake(): void {
    if (this.#stopped || this.#retryTimer !== undefined || this.#running !== undefined) return;
    const { clock, queue, batchMs } = this.#options;
    if (this.#isDue()) this.#start();
    else if (!queue.isEmpty) this.#timer ??= clock.after(batchMs, () => this.hurry());
  }

  /** Stores what there is without waiting for more. */
  hurry(): void {
    this.#urgent = true;
    if (this.#retryTimer === undefined) this.#start();
  }

  /** Tries once more even while a retry waits; resolves when nothing is left or the store fails. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    this.#endRest();
    this.#retryTimer?.[Symbol.dispose]();
    this.#urgent = true;
    await this.#running;
    this.#start();
    await this.#running;
    this.stop();
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#stopped = true;
    for (const timer of [this.#timer, this.#retryTimer, this.#persistTimer]) timer?.[Symbol.dispose]();
  }

  #isDue(): boolean {
    const { queue, batchRows } = this.#options;
    return this.#urgent || this.#inHand !== undefined || queue.isBehind || queue.heldRows >= batchRows;
  }

  #start(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#retryTimer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.wake();
    });
  }

  async #run(): Promise<void> {
    const { queue, onProgress } = this.#options;
    try {
      while (!this.#stopped && this.#isDue()) {
        this.#inHand ??= await queue.take(this.#rows);
        if (this.#inHand === undefined) break;
        await this.#write(this.#inHand);
        this.#inHand = undefined;
        this.#succeeded();
        onProgress();
      }
      this.#urgent = false;
    } catch (error) {
      this.#failed(error);
      onProgress();
    }
  }

  async #write(taken: QueuedBatch<T>): Promise<void> {
    const { clock, queue, store } = this.#options;
    const start = clock.now();
    await store(taken.batch);
    queue.commit(taken);
    this.#persistTimer ??= clock.after(persistMs, () => this.#persist());
    const tookMs = clock.now() - start;
    this.#adapt(tookMs);
    if (!taken.isFresh) await this.#giveWay(tookMs);
  }

  /** Makes the next batch larger or smaller by what the last one took. */
  #adapt(tookMs: number): void {
    if (tookMs > wantedLatencyMs) this.#rows = Math.max(leastRows, this.#rows >> 1);
    else this.#rows = Math.min(mostBatches * this.#options.batchRows, Math.ceil(this.#rows * 1.25));
  }

  /** Lets others have the store for a moment. */
  async #giveWay(tookMs: number): Promise<void> {
    const { clock } = this.#options;
    const restMs = (tookMs * restShare) / (1 - restShare);
    if (restMs < 1 || this.#isFinishing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endRest = resolve;
    using _rest = clock.after(restMs, resolve);
    await promise;
  }

  #persist(): void {
    const { journal, logger } = this.#options;
    this.#persistTimer = undefined;
    journal.persist().catch((error: unknown) => logger.warn({ err: error }, "The journal's cursor was not kept"));
  }

  #succeeded(): void {
    this.#retryMs = firstRetryMs;
    if (this.#trouble !== undefined) this.#options.logger.info("The history store is back");
    this.#trouble = undefined;
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    const { clock, logger, random } = this.#options;
    if (this.#trouble === undefined)
      logger.warn({ err: error }, "The history store does not answer; what is new waits");
    this.#trouble = messageOf(error);
    this.#urgent = false;
    this.#retryTimer = clock.after(this.#retryMs * (0.5 + random()), () => this.#start());
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }
}
