import type { ProcessedHistoryPage, ProcessedHistoryQuery } from "#fleet/ports.ts";

/** What is to be computed, whatever the series. */
export type ProcessedRequest = Omit<ProcessedHistoryQuery, "device" | "parameter">;

/** Raw values in order of time, from the last good one at or before the request (two for sloped extrapolation) to the first good one behind it. */
export interface RawColumns {
  readonly times: Float64Array;
  /** NaN where the value is a text or absent. */
  readonly values: Float64Array;
  readonly qualities: Uint32Array;
}

export type ProcessedColumns = ProcessedHistoryPage;
