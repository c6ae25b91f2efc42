import { calculated, type IntervalResult, noData, statusOfShares } from "#historian/aggregates/interval-result.ts";
import type { Interval } from "#historian/aggregates/intervals.ts";
import { Status } from "#historian/aggregates/status.ts";
import type { AggregateConfiguration, AggregateName } from "#model/aggregate.ts";
import { isBad, isGood } from "#model/quality.ts";
import { type RollupColumns, type RollupLength, rollupLengths } from "./rollup-store.ts";

/** The buckets of one interval: indices from `first` up to `end` of the columns, at least one. */
export interface BucketRange {
  readonly columns: RollupColumns;
  readonly first: number;
  readonly end: number;
}

/**
 * Gives the result for an interval, exactly what the raw values give; undefined where the summaries do not tell.
 * Minimum and Maximum are not among them: whether they occur several times is not kept.
 */
type FromBuckets = (
  range: BucketRange,
  interval: Interval,
  rules: AggregateConfiguration,
) => IntervalResult | undefined;

export const rollupAggregates: Readonly<Partial<Record<AggregateName, FromBuckets>>> = {
  Average: (range, interval, rules) => {
    const { all, good, bad, sum } = totals(range);
    return good === 0 ? noData(interval) : calculated(interval, sum / good, statusOfShares(good, bad, all, rules));
  },
  Count: (range, interval, rules) => {
    const { all, good, bad } = totals(range);
    return calculated(interval, good, statusOfShares(good, bad, all, rules));
  },
  Range: (range, interval, rules) => {
    const { all, good, bad, min, max } = totals(range);
    // How far uncertain values go is not kept; it matters only where they count.
    if (all > good + bad && !rules.treatUncertainAsBad) return undefined;
    if (good === 0) return noData(interval);
    return calculated(interval, max - min, all > good ? Status.uncertainDataSubNormal : Status.good);
  },
  Start: ({ columns, first }) =>
    edgeOf(columns.firstTimes[first], columns.firstValues[first], columns.firstStatuses[first]),
  End: ({ columns, end }) =>
    edgeOf(columns.lastTimes[end - 1], columns.lastValues[end - 1], columns.lastStatuses[end - 1]),
  Delta: ({ columns, first, end }, interval) => {
    const from = columns.firstStatuses[first] ?? -1;
    const to = columns.lastStatuses[end - 1] ?? -1;
    if (!isGood(from >>> 0) || !isGood(to >>> 0)) return undefined;
    return calculated(interval, (columns.lastValues[end - 1] ?? 0) - (columns.firstValues[first] ?? 0), Status.good);
  },
};

/** The longest summaries that intervals of this length, beginning at `start`, are made of; undefined when there are none. */
export function rollupLengthFor(start: number, intervalMs: number): RollupLength | undefined {
  return rollupLengths.find((length) => intervalMs > 0 && intervalMs % length === 0 && start % length === 0);
}

function edgeOf(time = Number.NaN, value = Number.NaN, status = 0): IntervalResult {
  const quality = status >>> 0;
  return { time, value: isBad(quality) ? Number.NaN : value, status: quality };
}

interface Totals {
  readonly all: number;
  readonly good: number;
  readonly bad: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

function totals({ columns, first, end }: BucketRange): Totals {
  let all = 0;
  let good = 0;
  let bad = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = first; i < end; i += 1) {
    all += columns.all[i] ?? 0;
    bad += columns.bad[i] ?? 0;
    if ((columns.good[i] ?? 0) === 0) continue;
    good += columns.good[i] ?? 0;
    sum += columns.sum[i] ?? Number.NaN;
    min = Math.min(min, columns.min[i] ?? Number.NaN);
    max = Math.max(max, columns.max[i] ?? Number.NaN);
  }
  return { all, good, bad, sum, min, max };
}
