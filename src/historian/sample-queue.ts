import type { SampleJournal } from "#historian/journal/sample-journal.ts";
import { concatColumns, type HistoryColumns, type TimeRange, timeRangeOf, unionOf } from "./columns.ts";

/** Samples to store next. */
export interface QueuedBatch {
  readonly columns: HistoryColumns;
  /** The last record that they are from. */
  readonly lastSeq: number;
  /** False when they had to be read from disk: the store is behind. */
  readonly isFresh: boolean;
}

interface HeldRecord {
  readonly seq: number;
  readonly columns: HistoryColumns;
  readonly range: TimeRange;
}

/**
 * The records of the journal that are not stored yet, in order: the newest in memory, as many as may be held there, the
 * others on disk.
 */
export class SampleQueue {
  readonly #journal: SampleJournal;
  readonly #maxHeldRows: number;
  #held: HeldRecord[] = [];
  #heldRows = 0;
  /** The last record that was taken. */
  #position: number;
  /** Source times of what was taken and is not stored yet. */
  #takenRange: TimeRange | undefined;

  constructor(journal: SampleJournal, maxHeldRows: number) {
    this.#journal = journal;
    this.#maxHeldRows = maxHeldRows;
    this.#position = journal.committed;
  }

  /** Samples held in memory. */
  get heldRows(): number {
    return this.#heldRows;
  }

  /** True when every record was taken. */
  get isEmpty(): boolean {
    return this.#position >= this.#journal.lastSeq;
  }

  /** True when the next samples are only on disk. */
  get isBehind(): boolean {
    return !this.isEmpty && this.#held[0]?.seq !== this.#position + 1;
  }

  /** Adds a record that the journal has taken as its newest. */
  push(seq: number, columns: HistoryColumns): void {
    this.#held.push({ seq, columns, range: timeRangeOf(columns.times) });
    this.#heldRows += columns.size;
    let evicted = 0;
    while (this.#heldRows > this.#maxHeldRows && evicted < this.#held.length) {
      this.#heldRows -= this.#held[evicted]?.columns.size ?? 0;
      evicted += 1;
    }
    if (evicted > 0) this.#held = this.#held.slice(evicted);
    this.#tellJournal();
  }

  /** The next samples, about `rows` of them; undefined when there are none. They stay pending until commit(). */
  async take(rows: number): Promise<QueuedBatch | undefined> {
    const batch = (await this.#takeFromDisk(rows)) ?? this.#takeHeld(rows);
    this.#takenRange = batch && timeRangeOf(batch.columns.times);
    return batch;
  }

  /** Tells that a batch is stored. */
  commit(batch: QueuedBatch): void {
    this.#takenRange = undefined;
    this.#journal.commit(batch.lastSeq);
  }

  /** Source times of what is not stored yet, at least; undefined when everything is. */
  pendingRange(): TimeRange | undefined {
    if (this.isBehind) return this.#journal.pendingRange();
    const held = this.#held.map((record) => record.range);
    return unionOf(this.#takenRange === undefined ? held : [this.#takenRange, ...held]);
  }

  async #takeFromDisk(rows: number): Promise<QueuedBatch | undefined> {
    const parts: HistoryColumns[] = [];
    for (let size = 0; this.isBehind && size < rows; ) {
      const record = await this.#journal.next(this.#position);
      if (record === undefined) break;
      this.#position = record.seq;
      parts.push(record.columns);
      size += record.columns.size;
    }
    return parts.length === 0 ? undefined : { columns: concatColumns(parts), lastSeq: this.#position, isFresh: false };
  }

  #takeHeld(rows: number): QueuedBatch | undefined {
    const parts: HistoryColumns[] = [];
    for (let size = 0; parts.length < this.#held.length && size < rows; ) {
      const columns = this.#held[parts.length]?.columns;
      if (columns === undefined) break;
      parts.push(columns);
      size += columns.size;
    }
    const last = this.#held[parts.length - 1];
    if (last === undefined) {
      // Nothing held and nothing readable: what is missing is lost and counted by the journal.
      this.#position = Math.max(this.#position, this.#journal.lastSeq);
      return undefined;
    }
    this.#position = last.seq;
    this.#held = this.#held.slice(parts.length);
    this.#heldRows -= parts.reduce((sum, columns) => sum + columns.size, 0);
    this.#tellJournal();
    return { columns: concatColumns(parts), lastSeq: last.seq, isFresh: true };
  }

  #tellJournal(): void {
    this.#journal.holdFrom(this.#held[0]?.seq ?? Number.POSITIVE_INFINITY);
  }
}
