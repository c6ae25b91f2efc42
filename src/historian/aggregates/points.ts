import type { AggregateSeries, PointValue } from "./aggregate-series.ts";
import type { Interval } from "./intervals.ts";

/** What an interval consists of: its two bounding values and the raw values strictly between. */
export interface IntervalPoints {
  readonly size: number;
  timeAt(i: number): number;
  valueAt(i: number): number;
  statusAt(i: number): number;
}

/** The interval's points with simple bounding values; undefined when it is outside the data. */
export function simplePoints(series: AggregateSeries, interval: Interval): IntervalPoints | undefined {
  if (series.isOutOfData(interval)) return undefined;
  return new BoundedPoints(series, series.simpleBound(interval.low), series.simpleBound(interval.high));
}

/** The interval's points with interpolated bounding values; undefined when it is before the data. */
export function interpolatedPoints(series: AggregateSeries, interval: Interval): IntervalPoints | undefined {
  if (series.size === 0 || interval.high < series.timeAt(0)) return undefined;
  return new BoundedPoints(series, series.interpolatedBound(interval.low), series.interpolatedBound(interval.high));
}

/** Raw values stay where they are: only the bounds are made. */
class BoundedPoints implements IntervalPoints {
  readonly size: number;
  readonly #series: AggregateSeries;
  readonly #low: PointValue;
  readonly #high: PointValue;
  /** Index of the first raw value behind the low bound. */
  readonly #first: number;

  constructor(series: AggregateSeries, low: PointValue, high: PointValue) {
    this.#series = series;
    this.#low = low;
    this.#high = high;
    this.#first = series.firstBehind(low.time);
    this.size = series.firstFrom(high.time) - this.#first + 2;
  }

  timeAt(i: number): number {
    return this.#bound(i)?.time ?? this.#series.timeAt(this.#first + i - 1);
  }

  valueAt(i: number): number {
    return this.#bound(i)?.value ?? this.#series.valueAt(this.#first + i - 1);
  }

  statusAt(i: number): number {
    return this.#bound(i)?.status ?? this.#series.qualityAt(this.#first + i - 1);
  }

  #bound(i: number): PointValue | undefined {
    if (i === 0) return this.#low;
    return i === this.size - 1 ? this.#high : undefined;
  }
}
