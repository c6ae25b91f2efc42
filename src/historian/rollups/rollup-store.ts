import type { EpochMs } from "#model/ids.ts";

/** Lengths of the summaries that are kept, in ms, longest first. */
export const rollupLengths = [86_400_000, 3_600_000, 60_000] as const;
export type RollupLength = (typeof rollupLengths)[number];

/** Summaries of buckets in which there is something, by time; all columns of the same length. */
export interface RollupColumns {
  /** Starts of the buckets. */
  readonly buckets: Float64Array;
  /** Values, and how many of them are good and bad; the others are uncertain. */
  readonly all: Int32Array;
  readonly good: Int32Array;
  readonly bad: Int32Array;
  /** Of the good values; NaN without one. */
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** The first and the last value as they are. */
  readonly firstTimes: Float64Array;
  readonly firstValues: Float64Array;
  readonly firstStatuses: Int32Array;
  readonly lastTimes: Float64Array;
  readonly lastValues: Float64Array;
  readonly lastStatuses: Int32Array;
  /** Starts of the hours whose summaries do not count: something was stored in them since. */
  readonly dueHours: Float64Array;
}

/** Reads the summaries that the maintenance makes. */
export interface RollupStore {
  /** Those of buckets from `from` up to `to`, both starts of buckets. Throws `history-unavailable`. */
  read(key: string, length: RollupLength, from: EpochMs, to: EpochMs): Promise<RollupColumns>;
}
