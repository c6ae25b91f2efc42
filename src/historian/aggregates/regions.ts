import { isBad, isGood } from "#model/quality.ts";
import type { AggregateSeries } from "./aggregate-series.ts";
import type { IntervalPoints } from "./points.ts";
import { codeOf, isUncertain, Status } from "./status.ts";

/** Sums over the regions between the points of an interval, in ms. */
export interface RegionSums {
  goodMs: number;
  badMs: number;
  totalMs: number;
  /** Good time, ending 1 ms behind the last value of the data. */
  knownGoodMs: number;
  /** The same, split by what the value is at the start of the region. */
  zeroMs: number;
  nonZeroMs: number;
  /** Value times ms, over the regions that are not bad. */
  area: number;
  areaMs: number;
}

export interface RegionRules {
  /** A value holds until the next point; otherwise it goes there in a straight line. */
  readonly stepped: boolean;
  /** Leaves points that do not count out and bridges them, in doubt. */
  readonly skipsBad: boolean;
}

/** Where the data ends, the last value is known to hold for 1 ms. */
const lastValueMs = 1;

/**
 * Cuts an interval at its points. A region has the quality of the point where it starts; on a sloping line also of the
 * point where it ends.
 */
export function sumRegions(series: AggregateSeries, points: IntervalPoints, rules: RegionRules): RegionSums {
  const sums = { goodMs: 0, badMs: 0, totalMs: 0, knownGoodMs: 0, zeroMs: 0, nonZeroMs: 0, area: 0, areaMs: 0 };
  const last = points.size - 1;
  let start = 0;
  // The published results take an uncertain bound at the start of an interval as a value even where raw ones do not count.
  let startStatus = codeOf(points.statusAt(0));
  for (let i = 1; i <= last; i += 1) {
    const isUsable = isUsablePoint(series, points, i);
    if (rules.skipsBad && !isUsable && !isBad(startStatus)) startStatus = Status.uncertainDataSubNormal;
    if (rules.skipsBad && !isUsable && i < last) continue;
    const status = rules.stepped ? startStatus : slopedStatus(startStatus, isUsable, points.statusAt(i));
    // Where bad values are bridged, the end of an interval is an estimate: in doubt, but the best there is.
    const endCounts = isUsable || (rules.skipsBad && !isBad(points.statusAt(i)));
    const isEndOfData = i === last && codeOf(points.statusAt(i)) === Status.badNoData;
    addRegion(sums, {
      status,
      startValue: points.valueAt(start),
      endValue: rules.stepped || !endCounts ? points.valueAt(start) : points.valueAt(i),
      durationMs: points.timeAt(i) - points.timeAt(start),
      isLast: isEndOfData && isUsablePoint(series, points, start),
    });
    start = i;
    startStatus = isUsable ? codeOf(points.statusAt(i)) : asBad(points.statusAt(i));
  }
  return sums;
}

interface Region {
  readonly status: number;
  readonly startValue: number;
  readonly endValue: number;
  readonly durationMs: number;
  /** Nothing is known behind its start. */
  readonly isLast: boolean;
}

function addRegion(sums: RegionSums, region: Region): void {
  const { status, startValue, endValue, durationMs } = region;
  sums.totalMs += durationMs;
  if (isBad(status)) {
    sums.badMs += durationMs;
    return;
  }
  sums.area += ((startValue + endValue) / 2) * durationMs;
  sums.areaMs += durationMs;
  if (!isGood(status)) return;
  const knownMs = region.isLast ? lastValueMs : durationMs;
  sums.goodMs += durationMs;
  sums.knownGoodMs += knownMs;
  if (startValue === 0) sums.zeroMs += knownMs;
  else sums.nonZeroMs += knownMs;
}

function isUsablePoint(series: AggregateSeries, points: IntervalPoints, i: number): boolean {
  return series.isUsable(points.statusAt(i)) && !Number.isNaN(points.valueAt(i));
}

/** Quality of a sloping line from its start to a point. */
function slopedStatus(startStatus: number, endIsUsable: boolean, endStatus: number): number {
  if (isBad(startStatus)) return startStatus;
  return endIsUsable && isGood(endStatus) ? startStatus : Status.uncertainDataSubNormal;
}

/** An uncertain point that does not count is as good as none. */
function asBad(status: number): number {
  return isUncertain(status) || isGood(status) ? Status.badNoData : codeOf(status);
}
