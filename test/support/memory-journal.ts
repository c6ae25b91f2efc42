import { type HistoryColumns, timeRangeOf, unionOf } from "#historian/columns.ts";
import type { ReadRecord, RecordJournal } from "#historian/journal/record-journal.ts";

/** A journal in memory that can be told to fail. */
export class MemoryJournal implements RecordJournal<HistoryColumns> {
  readonly records: ReadRecord<HistoryColumns>[];
  failure: Error | undefined;
  committed = 0;
  persisted = 0;
  #heldFrom = Number.POSITIVE_INFINITY;

  constructor(records: readonly ReadRecord<HistoryColumns>[] = []) {
    this.records = [...records];
  }

  get lastSeq(): number {
    return this.records.at(-1)?.seq ?? 0;
  }

  async append(batches: readonly HistoryColumns[]): Promise<number> {
    if (this.failure !== undefined) throw this.failure;
    for (const batch of batches) this.records.push({ seq: this.lastSeq + 1, batch });
    return this.lastSeq;
  }

  async next(after: number): Promise<ReadRecord<HistoryColumns> | undefined> {
    return this.records.find((record) => record.seq > after && record.seq < this.#heldFrom);
  }

  holdFrom(seq: number): void {
    this.#heldFrom = seq;
  }

  commit(seq: number): void {
    this.committed = Math.max(this.committed, seq);
  }

  async persist(): Promise<void> {
    this.persisted = this.committed;
  }

  pendingRange() {
    const waiting = this.records.filter((record) => record.seq > this.committed);
    const ranges = waiting.map((record) => timeRangeOf(record.batch.times));
    return unionOf(ranges);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.persist();
  }
}
