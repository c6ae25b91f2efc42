import { isBad, isGood } from "#model/quality.ts";
import type { AggregateSeries } from "./aggregate-series.ts";
import { calculated, type IntervalResult, noData, statusOfShares } from "./interval-result.ts";
import type { Interval } from "./intervals.ts";
import { type IntervalPoints, interpolatedPoints, simplePoints } from "./points.ts";
import { worstOf } from "./raw-aggregates.ts";
import { type RegionSums, sumRegions } from "./regions.ts";
import { codeOf, HistorianBit, Status, withBits } from "./status.ts";

/** Aggregates of the course of a value, for which the bounds of an interval are estimated (OPC 10000-13, 5.4.3). */

/** The value at the start of the interval. */
export function interpolative(series: AggregateSeries, interval: Interval): IntervalResult {
  return series.interpolatedBound(interval.start);
}

/** TimeAverage or Total: bad values are bridged. */
export function timeWeighted(isTotal: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const points = interpolatedPoints(series, interval);
    if (points === undefined) return noData(interval);
    const sums = sumRegions(series, points, { stepped: series.stepped, skipsBad: true });
    if (sums.areaMs === 0) return noData(interval);
    const code = sums.goodMs < sums.totalMs ? Status.uncertainDataSubNormal : Status.good;
    return calculated(interval, weigh(sums, isTotal), code);
  };
}

/** TimeAverage2 or Total2: bad values are left out. */
export function timeWeighted2(isTotal: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const points = simplePoints(series, interval);
    if (points === undefined) return noData(interval);
    const sums = sumRegions(series, points, { stepped: series.stepped, skipsBad: false });
    if (sums.areaMs === 0) return noData(interval);
    return calculated(interval, weigh(sums, isTotal), timeStatus(series, sums));
  };
}

/** Totals are in value times seconds. */
function weigh(sums: RegionSums, isTotal: boolean): number {
  return isTotal ? sums.area / 1000 : sums.area / sums.areaMs;
}

function timeStatus(series: AggregateSeries, sums: RegionSums): number {
  return statusOfShares(sums.goodMs, sums.badMs, sums.totalMs, series.configuration);
}

/** DurationInStateZero or DurationInStateNonZero, in ms. */
export function durationInState(isZero: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const points = simplePoints(series, interval);
    if (points === undefined) return noData(interval);
    const sums = sumRegions(series, points, { stepped: true, skipsBad: false });
    return calculated(interval, isZero ? sums.zeroMs : sums.nonZeroMs, timeStatus(series, sums));
  };
}

/** DurationGood or DurationBad in ms, PercentGood or PercentBad. The result itself is always Good. */
export function durationOfQuality(isBadWanted: boolean, isPercent: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const points = simplePoints(series, interval);
    if (points === undefined) return noData(interval);
    const sums = sumRegions(series, points, { stepped: true, skipsBad: false });
    // The published shares take the whole interval, as if the last value held until its end; the durations do not.
    if (isPercent) {
      return calculated(interval, ((isBadWanted ? sums.badMs : sums.goodMs) / sums.totalMs) * 100, Status.good);
    }
    return calculated(interval, isBadWanted ? sums.badMs : sums.knownGoodMs, Status.good);
  };
}

export function worstQuality2(series: AggregateSeries, interval: Interval): IntervalResult {
  const points = simplePoints(series, interval);
  if (points === undefined) return noData(interval);
  return worstOf(
    Array.from({ length: points.size }, (_, i) => points.statusAt(i)),
    interval,
  );
}

/** StartBound or EndBound: the simple bounding value where the interval starts or ends. */
export function bound(which: "start" | "end") {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    if (series.isOutOfData(interval)) return noData(interval);
    const isAtHigh = (which === "start") === interval.isReverse;
    const found = series.simpleBound(isAtHigh ? interval.high : interval.low);
    const isUsable = series.isUsable(found.status);
    const status = isUsable ? found.status : Status.badNoData;
    return {
      time: interval.start,
      value: isUsable ? found.value : Number.NaN,
      status: which === "start" ? status : withBits(codeOf(status), HistorianBit.calculated),
    };
  };
}

/** EndBound minus StartBound. The published results are in doubt when StartBound is, not when only EndBound is. */
export function deltaBounds(series: AggregateSeries, interval: Interval): IntervalResult {
  if (series.isOutOfData(interval)) return noData(interval);
  const start = series.simpleBound(interval.isReverse ? interval.high : interval.low);
  const end = series.simpleBound(interval.isReverse ? interval.low : interval.high);
  if (!series.isUsable(start.status) || !series.isUsable(end.status)) return noData(interval);
  const code = isGood(start.status) ? Status.good : Status.uncertainDataSubNormal;
  return calculated(interval, end.value - start.value, code);
}

interface Extremes2 {
  /** Number of the point, -1 without a usable one. */
  readonly min: number;
  readonly max: number;
  readonly minRepeats: boolean;
  readonly maxRepeats: boolean;
}

function extremesOf(series: AggregateSeries, points: IntervalPoints, end: number): Extremes2 {
  let min = -1;
  let max = -1;
  let minRepeats = false;
  let maxRepeats = false;
  for (let i = 0; i < end; i += 1) {
    const value = points.valueAt(i);
    if (!series.isUsable(points.statusAt(i)) || Number.isNaN(value)) continue;
    minRepeats = min >= 0 && (minRepeats ? value >= points.valueAt(min) : value === points.valueAt(min));
    maxRepeats = max >= 0 && (maxRepeats ? value <= points.valueAt(max) : value === points.valueAt(max));
    if (min < 0 || value < points.valueAt(min)) min = i;
    if (max < 0 || value > points.valueAt(max)) max = i;
  }
  return { min, max, minRepeats, maxRepeats };
}

/** The points that count for an extreme: where values are held, the bound at the high end belongs to the next interval. */
function countedPoints(series: AggregateSeries, points: IntervalPoints): number {
  return series.stepped ? points.size - 1 : points.size;
}

/** Minimum2 or Maximum2, at the start of the interval or at its own time. */
export function extreme2(which: "min" | "max", atActualTime: boolean) {
  return (series: AggregateSeries, interval: Interval): IntervalResult => {
    const points = simplePoints(series, interval);
    if (points === undefined) return noData(interval);
    const found = extremesOf(series, points, countedPoints(series, points));
    const index = found[which];
    if (index < 0) return noData(interval);
    const sums = sumRegions(series, points, { stepped: series.stepped, skipsBad: false });
    const code = timeStatus(series, sums);
    if (isBad(code)) return { time: interval.start, value: Number.NaN, status: code };
    const repeats = which === "min" ? found.minRepeats : found.maxRepeats;
    const bits = originBits(points, index, atActualTime, interval) | (repeats ? HistorianBit.multipleValues : 0);
    return {
      time: atActualTime ? timeWithin(points.timeAt(index), interval) : interval.start,
      value: points.valueAt(index),
      status: withBits(code, bits),
    };
  };
}

/** Raw at either bound, interpolated there, or calculated from within; at its own time a value within is raw. */
function originBits(points: IntervalPoints, index: number, atActualTime: boolean, interval: Interval): number {
  const isEnd = points.timeAt(index) === (interval.isReverse ? interval.low : interval.high);
  if ((points.statusAt(index) & HistorianBit.interpolated) !== 0 || (atActualTime && isEnd)) {
    return HistorianBit.interpolated;
  }
  const isBound = index === 0 || index === points.size - 1;
  return isBound || atActualTime ? HistorianBit.raw : HistorianBit.calculated;
}

/** The end does not belong to the interval: a value there is reported 1 ms inside it (OPC 10000-13, 3.1.3). */
function timeWithin(time: number, interval: Interval): number {
  if (!interval.isReverse && time === interval.high) return time - 1;
  return interval.isReverse && time === interval.low ? time + 1 : time;
}

export function range2(series: AggregateSeries, interval: Interval): IntervalResult {
  const points = simplePoints(series, interval);
  if (points === undefined) return noData(interval);
  const { min, max } = extremesOf(series, points, countedPoints(series, points));
  if (min < 0) return noData(interval);
  const sums = sumRegions(series, points, { stepped: series.stepped, skipsBad: false });
  return calculated(interval, points.valueAt(max) - points.valueAt(min), timeStatus(series, sums));
}
