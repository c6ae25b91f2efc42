import { isBad, isGood } from "#model/quality.ts";
import type { AggregateSeries } from "./aggregate-series.ts";
import { calculated, type IntervalResult, noData, statusOfShares } from "./interval-result.ts";
import type { Interval } from "./intervals.ts";
import { codeOf, HistorianBit, isUncertain, Status, withBits } from "./status.ts";

/** Aggregates of the raw values in an interval (OPC 10000-13, 5.4.3). They count good values only, whatever uncertain means. */

interface RawSums {
  readonly all: number;
  readonly good: number;
  readonly bad: number;
  readonly sum: number;
}

function sumsIn(series: AggregateSeries, interval: Interval): RawSums {
  const { first, end } = series.rangeIn(interval);
  let good = 0;
  let bad = 0;
  let sum = 0;
  for (let i = first; i < end; i += 1) {
    const quality = series.qualityAt(i);
    if (isBad(quality)) bad += 1;
    if (!isGood(quality)) continue;
    good += 1;
    sum += series.valueAt(i);
  }
  return { all: end - first, good, bad, sum };
}

export function average(series: AggregateSeries, interval: Interval): IntervalResult {
  const { all, good, bad, sum } = sumsIn(series, interval);
  if (good === 0) return noData(interval);
  return calculated(interval, sum / good, statusOfShares(good, bad, all, series.configuration));
}

export function count(series: AggregateSeries, interval: Interval): IntervalResult {
  if (series.isOutOfData(interval)) return noData(interval);
  const sums = sumsIn(series, interval);
  return calculated(interval, sums.good, statusOfShares(sums.good, sums.bad, sums.all, series.configuration));
}

/**
 * Changes of the usable value, the first one against the last usable value before the interval if that is good. The
 * published results count none where nothing is known from before.
 */
export function numberOfTransitions(series: AggregateSeries, interval: Interval): IntervalResult {
  if (series.isOutOfData(interval)) return noData(interval);
  const { first, end } = series.rangeIn(interval);
  let before = first - 1;
  while (before >= 0 && !series.isUsableAt(before)) before -= 1;
  let last = before >= 0 && isGood(series.qualityAt(before)) ? series.valueAt(before) : Number.NaN;
  let transitions = 0;
  for (let i = first; i < end; i += 1) {
    if (!series.isUsableAt(i)) continue;
    const value = series.valueAt(i);
    if (!Number.isNaN(last) && value !== last) transitions += 1;
    last = value;
  }
  const sums = sumsIn(series, interval);
  return calculated(interval, transitions, statusOfShares(sums.good, sums.bad, sums.all, series.configuration));
}

/** Variance or standard deviation over n - 1 (sample) or n (population); 0 of a single value. */
export function spread(isSample: boolean, isDeviation: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const { all, good, sum } = sumsIn(series, interval);
    if (good === 0) return noData(interval);
    const mean = sum / good;
    const { first, end } = series.rangeIn(interval);
    let squares = 0;
    for (let i = first; i < end; i += 1) if (isGood(series.qualityAt(i))) squares += (series.valueAt(i) - mean) ** 2;
    const variance = good === 1 ? 0 : squares / (isSample ? good - 1 : good);
    const status = good < all ? Status.uncertainDataSubNormal : Status.good;
    return calculated(interval, isDeviation ? Math.sqrt(variance) : variance, status);
  };
}

interface Extremes {
  /** Index of the first good minimum or maximum, -1 without a good value. */
  readonly min: number;
  readonly max: number;
  readonly minRepeats: boolean;
  readonly maxRepeats: boolean;
  /** Bad values were left out, or uncertain ones go further than the good ones. */
  readonly isMinDoubtful: boolean;
  readonly isMaxDoubtful: boolean;
}

function extremesIn(series: AggregateSeries, interval: Interval): Extremes {
  const { first, end } = series.rangeIn(interval);
  let min = -1;
  let max = -1;
  let minRepeats = false;
  let maxRepeats = false;
  let hasBad = false;
  let uncertainMin = Number.POSITIVE_INFINITY;
  let uncertainMax = Number.NEGATIVE_INFINITY;
  for (let i = first; i < end; i += 1) {
    const value = series.valueAt(i);
    if (!series.isUsableAt(i)) hasBad = true;
    else if (isUncertain(series.qualityAt(i))) {
      uncertainMin = Math.min(uncertainMin, value);
      uncertainMax = Math.max(uncertainMax, value);
    } else {
      minRepeats = min >= 0 && (minRepeats ? value >= series.valueAt(min) : value === series.valueAt(min));
      maxRepeats = max >= 0 && (maxRepeats ? value <= series.valueAt(max) : value === series.valueAt(max));
      if (min < 0 || value < series.valueAt(min)) min = i;
      if (max < 0 || value > series.valueAt(max)) max = i;
    }
  }
  const isMinDoubtful = hasBad || uncertainMin < series.valueAt(min);
  const isMaxDoubtful = hasBad || uncertainMax > series.valueAt(max);
  return { min, max, minRepeats, maxRepeats, isMinDoubtful, isMaxDoubtful };
}

/** Minimum or Maximum, at the start of the interval or at its own time. */
export function extreme(which: "min" | "max", atActualTime: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const found = extremesIn(series, interval);
    const index = found[which];
    if (index < 0) return noData(interval);
    const isDoubtful = which === "min" ? found.isMinDoubtful : found.isMaxDoubtful;
    const repeats = which === "min" ? found.minRepeats : found.maxRepeats;
    const isRaw = atActualTime || series.timeAt(index) === interval.start;
    const bits = (isRaw ? HistorianBit.raw : HistorianBit.calculated) | (repeats ? HistorianBit.multipleValues : 0);
    return {
      time: atActualTime ? series.timeAt(index) : interval.start,
      value: series.valueAt(index),
      status: withBits(isDoubtful ? Status.uncertainDataSubNormal : Status.good, bits),
    };
  };
}

export function range(series: AggregateSeries, interval: Interval): IntervalResult {
  const { min, max, isMinDoubtful, isMaxDoubtful } = extremesIn(series, interval);
  if (min < 0) return noData(interval);
  const code = isMinDoubtful || isMaxDoubtful ? Status.uncertainDataSubNormal : Status.good;
  return calculated(interval, series.valueAt(max) - series.valueAt(min), code);
}

/** The first or last raw value of the interval as it is. */
export function edge(which: "start" | "end") {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const { first, end } = series.rangeIn(interval);
    if (first === end) return noData(interval);
    const index = (which === "start") === interval.isReverse ? end - 1 : first;
    const status = series.qualityAt(index);
    return { time: series.timeAt(index), value: isBad(status) ? Number.NaN : series.valueAt(index), status };
  };
}

/** Last minus first good value; the published results say 0, in doubt, where there is none. */
export function delta(series: AggregateSeries, interval: Interval): IntervalResult {
  const { first, end } = series.rangeIn(interval);
  if (first === end) return noData(interval);
  let low = first;
  while (low < end && !isGood(series.qualityAt(low))) low += 1;
  let high = end - 1;
  while (high > low && !isGood(series.qualityAt(high))) high -= 1;
  if (low === end) return calculated(interval, 0, Status.uncertainDataSubNormal);
  const forward = series.valueAt(high) - series.valueAt(low);
  const isDoubtful = low > first || high < end - 1;
  return calculated(
    interval,
    interval.isReverse && forward !== 0 ? -forward : forward,
    isDoubtful ? Status.uncertainDataSubNormal : Status.good,
  );
}

export function worstQuality(series: AggregateSeries, interval: Interval): IntervalResult {
  const { first, end } = series.rangeIn(interval);
  return worstOf(series.qualities.subarray(first, end), interval);
}

/** The first of the worst qualities; MultipleValues when several are that bad. */
export function worstOf(qualities: Iterable<number>, interval: Interval): IntervalResult {
  let worst: number | undefined;
  let repeats = false;
  for (const quality of qualities) {
    const isWorse = worst === undefined || severityOf(quality) > severityOf(worst);
    repeats = !isWorse && (repeats || (severityOf(quality) > 0 && severityOf(quality) === severityOf(worst ?? 0)));
    if (isWorse) worst = codeOf(quality);
  }
  if (worst === undefined) return noData(interval);
  const bits = HistorianBit.calculated | (repeats ? HistorianBit.multipleValues : 0);
  return { time: interval.start, value: worst, status: withBits(Status.good, bits) };
}

function severityOf(quality: number): number {
  return isBad(quality) ? 2 : isUncertain(quality) ? 1 : 0;
}
