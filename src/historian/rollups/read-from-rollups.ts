import { type IntervalResult, noData } from "#historian/aggregates/interval-result.ts";
import { type Interval, intervalCount, intervalsOf } from "#historian/aggregates/intervals.ts";
import type { ProcessedColumns, ProcessedRequest } from "#historian/aggregates/processed-request.ts";
import { HistorianBit, Status, withBits } from "#historian/aggregates/status.ts";
import { rollupAggregates, rollupLengthFor } from "./aggregate-rollups.ts";
import type { RollupColumns, RollupStore } from "./rollup-store.ts";

/** Times of the first and the last raw value beside and in a request; NaN where there is none. */
export interface DataExtent {
  readonly start: number;
  readonly end: number;
}

export interface RollupSources {
  readonly rollups: RollupStore;
  readonly extent: () => Promise<DataExtent>;
  /** The same request from raw values, for a part of its time. */
  readonly raw: (request: ProcessedRequest) => Promise<ProcessedColumns>;
}

/** Shorter requests read raw values: there is little to gain. */
const leastMs = 2 * 3_600_000;
const hourMs = 3_600_000;
/** With more pieces than this to be read raw, all is. */
const mostPieces = 4;

/**
 * Answers a request from summaries where they say exactly what the raw values say, and from raw values for the intervals
 * in which something was stored since; undefined when the request is not of a kind that summaries can answer.
 */
export async function readFromRollups(
  request: ProcessedRequest,
  key: string,
  sources: RollupSources,
): Promise<ProcessedColumns | undefined> {
  const { startTime, endTime, processingIntervalMs, aggregate, configuration } = request;
  const fromBuckets = rollupAggregates[aggregate];
  const length = rollupLengthFor(startTime, processingIntervalMs);
  // Backwards an interval holds its end instead of its start, which buckets do not.
  if (fromBuckets === undefined || length === undefined || endTime - startTime < leastMs) return undefined;
  const wholeEnd = startTime + Math.floor((endTime - startTime) / processingIntervalMs) * processingIntervalMs;
  const [columns, rawExtent] = await Promise.all([
    sources.rollups.read(key, length, startTime, wholeEnd),
    sources.extent(),
  ]);
  const size = intervalCount(request);
  const answer = { times: new Float64Array(size), values: new Float64Array(size), statuses: new Uint32Array(size) };
  const extent = extentOf(columns, rawExtent);
  const due = new Set(columns.dueHours);
  const missing: { readonly i: number; readonly interval: Interval }[] = [];
  let bucket = 0;
  let i = 0;
  for (const interval of intervalsOf(request)) {
    const first = bucket;
    while (bucket < columns.buckets.length && (columns.buckets[bucket] ?? 0) < interval.high) bucket += 1;
    const isKnown = interval.high <= wholeEnd && !isDue(interval, due);
    const result = isKnown
      ? first === bucket
        ? emptyResult(request, interval, extent)
        : fromBuckets({ columns, first, end: bucket }, interval, configuration)
      : undefined;
    if (result === undefined) missing.push({ i, interval });
    else set(answer, i, isPartial(interval, extent) ? partial(result) : result);
    i += 1;
  }
  return fill(answer, { request, missing, raw: sources.raw });
}

interface Gaps {
  readonly request: ProcessedRequest;
  readonly missing: readonly { readonly i: number; readonly interval: Interval }[];
  readonly raw: RollupSources["raw"];
}

/** Fills in what the summaries left open, a request for each run of neighbouring intervals. */
async function fill(answer: ProcessedColumns, { request, missing, raw }: Gaps): Promise<ProcessedColumns | undefined> {
  const runs: { first: number; startTime: number; endTime: number; count: number }[] = [];
  for (const { i, interval } of missing) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.count === i) {
      last.endTime = interval.high;
      last.count += 1;
    } else runs.push({ first: i, startTime: interval.low, endTime: interval.high, count: 1 });
  }
  if (runs.length > mostPieces) return undefined;
  for (const { first, startTime, endTime } of runs) {
    const part = await raw({ ...request, startTime, endTime });
    answer.times.set(part.times, first);
    answer.values.set(part.values, first);
    answer.statuses.set(part.statuses, first);
  }
  return answer;
}

/** True when an hour that the interval touches is to be summed up again. */
function isDue({ low, high }: Interval, due: ReadonlySet<number>): boolean {
  if (due.size === 0) return false;
  for (let hour = Math.floor(low / hourMs) * hourMs; hour < high; hour += hourMs) if (due.has(hour)) return true;
  return false;
}

/** Raw values may be gone where their summaries are still kept. */
function extentOf({ firstTimes, lastTimes }: RollupColumns, raw: DataExtent): DataExtent {
  const [first = Number.NaN] = firstTimes;
  const last = lastTimes.at(-1) ?? Number.NaN;
  return {
    start: first < raw.start || Number.isNaN(raw.start) ? first : raw.start,
    end: last > raw.end || Number.isNaN(raw.end) ? last : raw.end,
  };
}

/** Of an interval without values; Count is 0 between values and unknown beside them. */
function emptyResult({ aggregate }: ProcessedRequest, interval: Interval, extent: DataExtent): IntervalResult {
  const isOutside = !(interval.low <= extent.end && interval.high >= extent.start);
  if (aggregate !== "Count" || isOutside) return noData(interval);
  return { time: interval.start, value: 0, status: withBits(Status.good, HistorianBit.calculated) };
}

/** The interval holds the start or the end of the data (OPC 10000-13, 5.3.3.2). */
function isPartial({ low, high }: Interval, { start, end }: DataExtent): boolean {
  return (start > low && start < high) || (end >= low && end < high);
}

function partial(result: IntervalResult): IntervalResult {
  return { ...result, status: withBits(result.status, HistorianBit.partial) };
}

function set(columns: ProcessedColumns, i: number, { time, value, status }: IntervalResult): void {
  columns.times[i] = time;
  columns.values[i] = value;
  columns.statuses[i] = status;
}
