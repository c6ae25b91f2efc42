import type { TimeRange } from "#historian/columns.ts";

/** One record, read back. */
export interface ReadRecord<T> {
  readonly seq: number;
  readonly batch: T;
}

/** Why something in the journal will never be stored. */
export type JournalLoss = "journal-overflow" | "journal-damaged";

/** The journal is at its limit: what was to be written is not in it. */
export class JournalFull extends Error {
  override readonly name = "JournalFull";
}

/** A journal of batches. Records are numbered 1, 2, 3, ...; calls may overlap and run one by one. */
export interface RecordJournal<T> extends AsyncDisposable {
  /** Number of the last record that was written. */
  readonly lastSeq: number;
  /** Number of the last record that needs no storing any more. */
  readonly committed: number;
  /**
   * Writes the batches, one record each, and waits until they are on disk; returns the number of the last.
   * Throws JournalFull at the limits, and what the disk says when it fails: then none of them is in the journal.
   */
  append(batches: readonly T[]): Promise<number>;
  /** The first batch behind record `after` that is only on disk, or undefined when there is none. */
  next(after: number): Promise<ReadRecord<T> | undefined>;
  /** Tells that records from `seq` on are in memory and will not be read; infinity when none are. */
  holdFrom(seq: number): void;
  /** Tells that everything up to record `seq` is stored; made durable by persist(). */
  commit(seq: number): void;
  /** Makes the cursor durable, then removes what lies behind it. */
  persist(): Promise<void>;
  /** Times of what may still wait, at least; undefined when nothing does. */
  pendingRange(): TimeRange | undefined;
}
