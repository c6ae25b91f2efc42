import { type TimeRange, unionOf } from "#historian/columns.ts";
import type { BatchType } from "#historian/journal/journal-content.ts";
import type { RecordJournal } from "#historian/journal/record-journal.ts";

/** What to store next. */
export interface QueuedBatch<T> {
  readonly batch: T;
  /** The last record that it is from. */
  readonly lastSeq: number;
  /** False when it had to be read from disk: the store is behind. */
  readonly isFresh: boolean;
}

interface HeldRecord<T> {
  readonly seq: number;
  readonly batch: T;
  readonly range: TimeRange;
}

/**
 * The records of the journal that are not stored yet, in order: the newest in memory, as many as may be held there, the
 * others on disk.
 */
export class RecordQueue<T> {
  readonly #journal: RecordJournal<T>;
  readonly #type: BatchType<T>;
  readonly #maxHeldRows: number;
  #held: HeldRecord<T>[] = [];
  #heldRows = 0;
  /** The last record that was taken. */
  #position: number;
  /** Source times of what was taken and is not stored yet. */
  #takenRange: TimeRange | undefined;

  constructor(journal: RecordJournal<T>, type: BatchType<T>, maxHeldRows: number) {
    this.#journal = journal;
    this.#type = type;
    this.#maxHeldRows = maxHeldRows;
    this.#position = journal.committed;
  }

  /** Items held in memory. */
  get heldRows(): number {
    return this.#heldRows;
  }

  /** True when every record was taken. */
  get isEmpty(): boolean {
    return this.#position >= this.#journal.lastSeq;
  }

  /** True when the next items are only on disk. */
  get isBehind(): boolean {
    return !this.isEmpty && this.#held[0]?.seq !== this.#position + 1;
  }

  /** Adds a record that the journal has taken as its newest. */
  push(seq: number, batch: T): void {
    this.#held.push({ seq, batch, range: this.#type.rangeOf(batch) });
    this.#heldRows += this.#type.size(batch);
    let evicted = 0;
    while (this.#heldRows > this.#maxHeldRows && evicted < this.#held.length) {
      const oldest = this.#held[evicted];
      if (oldest !== undefined) this.#heldRows -= this.#type.size(oldest.batch);
      evicted += 1;
    }
    if (evicted > 0) this.#held = this.#held.slice(evicted);
    this.#tellJournal();
  }

  /** The next items, about `rows` of them; undefined when there are none. They stay pending until commit(). */
  async take(rows: number): Promise<QueuedBatch<T> | undefined> {
    const taken = (await this.#takeFromDisk(rows)) ?? this.#takeHeld(rows);
    this.#takenRange = taken && this.#type.rangeOf(taken.batch);
    return taken;
  }

  /** Tells that a batch is stored. */
  commit(taken: QueuedBatch<T>): void {
    this.#takenRange = undefined;
    this.#journal.commit(taken.lastSeq);
  }

  /** Source times of what is not stored yet, at least; undefined when everything is. */
  pendingRange(): TimeRange | undefined {
    if (this.isBehind) return this.#journal.pendingRange();
    const held = this.#held.map((record) => record.range);
    return unionOf(this.#takenRange === undefined ? held : [this.#takenRange, ...held]);
  }

  async #takeFromDisk(rows: number): Promise<QueuedBatch<T> | undefined> {
    const parts: T[] = [];
    for (let size = 0; this.isBehind && size < rows; ) {
      const record = await this.#journal.next(this.#position);
      if (record === undefined) break;
      this.#position = record.seq;
      parts.push(record.batch);
      size += this.#type.size(record.batch);
    }
    if (parts.length === 0) return undefined;
    return { batch: this.#type.concat(parts), lastSeq: this.#position, isFresh: false };
  }

  #takeHeld(rows: number): QueuedBatch<T> | undefined {
    const parts: T[] = [];
    let size = 0;
    for (const { batch } of this.#held) {
      if (size >= rows) break;
      parts.push(batch);
      size += this.#type.size(batch);
    }
    const last = this.#held[parts.length - 1];
    if (last === undefined) {
      // Nothing held and nothing readable: what is missing is lost and counted by the journal.
      this.#position = Math.max(this.#position, this.#journal.lastSeq);
      return undefined;
    }
    this.#position = last.seq;
    this.#held = this.#held.slice(parts.length);
    this.#heldRows -= size;
    this.#tellJournal();
    return { batch: this.#type.concat(parts), lastSeq: last.seq, isFresh: true };
  }

  #tellJournal(): void {
    this.#journal.holdFrom(this.#held[0]?.seq ?? Number.POSITIVE_INFINITY);
  }
}
