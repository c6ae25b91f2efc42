import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { EpochMs } from "#model/ids.ts";
import { concatColumns, gather, type HistoryColumns } from "./columns.ts";
import type { StoreLane } from "./store-lane.ts";

/** Of more than this the oldest do not go ahead. */
const maxWaitingRows = 10_000;
/** The lane rests so many times as long as it wrote: what goes ahead is written twice, at the cost of the backlog. */
const restFactor = 4;

/**
 * Stores new samples ahead of a backlog, so that whoever looks at the newest values sees them while the old ones catch
 * up. A short cut only: the same samples come again, in order, with the backlog. Therefore only those go ahead that are
 * newer than everything known of their series: nothing older that comes later can overwrite them.
 */
export class LiveLane {
  readonly #lane: StoreLane;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Nothing up to here goes ahead: the journal of an earlier run may hold it. */
  readonly #floor: EpochMs;
  #newest = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);
  #waiting: HistoryColumns[] = [];
  #waitingRows = 0;
  /** Writes, or rests from writing. */
  #isBusy = false;
  #stopped = false;

  constructor(lane: StoreLane, floor: EpochMs, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#lane = lane;
    this.#floor = floor;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes note of a batch that is in the journal; stores it ahead when the queue is behind. */
  observe(columns: HistoryColumns, isBehind: boolean): void {
    const order = new Uint32Array(isBehind ? columns.size : 0);
    let count = 0;
    for (let i = 0; i < columns.size; i += 1) {
      const series = columns.series[i] ?? 0;
      const time = columns.times[i] ?? Number.NaN;
      if (series >= this.#newest.length) this.#grow(series);
      if (!(time > (this.#newest[series] ?? 0))) continue;
      this.#newest[series] = time;
      if (!isBehind || time <= this.#floor) continue;
      order[count] = i;
      count += 1;
    }
    if (count === 0 || this.#stopped) return;
    this.#waiting.push(gather(columns, order, count));
    this.#waitingRows += count;
    while (this.#waitingRows > maxWaitingRows) this.#waitingRows -= this.#waiting.shift()?.size ?? 0;
    if (!this.#isBusy) this.#start();
  }

  /** Stores nothing ahead any more. */
  stop(): void {
    this.#stopped = true;
  }

  #start(): void {
    const start = this.#clock.now();
    const batch = concatColumns(this.#waiting);
    this.#waiting = [];
    this.#waitingRows = 0;
    this.#isBusy = true;
    this.#lane
      .write(batch)
      // The backlog brings them again, and tells of the trouble.
      .catch((error: unknown) => this.#logger.debug({ err: error }, "Nothing was stored ahead of the backlog"))
      .finally(() => this.#clock.after((this.#clock.now() - start) * restFactor, () => this.#rested()));
  }

  #rested(): void {
    this.#isBusy = false;
    if (this.#waiting.length > 0 && !this.#stopped) this.#start();
  }

  #grow(series: number): void {
    const grown = new Float64Array(Math.max(series + 1, 2 * this.#newest.length)).fill(Number.NEGATIVE_INFINITY);
    grown.set(this.#newest);
    this.#newest = grown;
  }
}
