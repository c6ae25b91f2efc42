import type { TimeRange } from "#historian/columns.ts";
import type { JournalRecord } from "./record.ts";

/** What is kept in a journal: batches of something, and how they are handled. */
export interface BatchType<T> {
  /** Items of a batch. */
  size(batch: T): number;
  rangeOf(batch: T): TimeRange;
  /** The batches as one, in order; there is at least one. */
  concat(batches: readonly T[]): T;
  /** The items from `start` up to `end`. */
  slice(batch: T, start: number, end: number): T;
}

/** How batches become records of a journal and come back. */
export interface JournalContent<T> extends BatchType<T> {
  /** Kind of the records. */
  readonly kind: number;
  encode(batch: T): readonly Uint8Array[];
  /** Bytes of the record of a batch, about. */
  bytesOf(batch: T): number;
  /** Numbers in a batch that the segment has to explain, so that it can be read without its writer's memory. */
  numbersIn(batch: T): Iterable<number>;
  /** What `numbers` mean, as the payload of a record of its own. */
  encodeNames(numbers: readonly number[]): readonly Uint8Array[];
  /** Decodes the records of one segment, in order. */
  decoder(): RecordDecoder<T>;
}

export interface RecordDecoder<T> {
  /** Takes the meaning of numbers from a record of names. */
  learn(record: JournalRecord): void;
  decode(record: JournalRecord): T;
}
