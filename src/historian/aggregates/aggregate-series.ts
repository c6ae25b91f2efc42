import type { AggregateConfiguration } from "#model/aggregate.ts";
import type { EpochMs } from "#model/ids.ts";
import { isBad, isGood, type QualityCode } from "#model/quality.ts";
import type { Interval } from "./intervals.ts";
import type { RawColumns } from "./processed-request.ts";
import { HistorianBit, isUncertain, Status, withBits } from "./status.ts";

/** A value at an instant: raw, or estimated from its neighbours. */
export interface PointValue {
  readonly time: EpochMs;
  readonly value: number;
  /** With the Interpolated bit where it was estimated. */
  readonly status: QualityCode;
}

/** Raw values under the rules of one request: which of them count, and what lies between them. */
export class AggregateSeries {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly qualities: Uint32Array;
  readonly stepped: boolean;
  readonly configuration: AggregateConfiguration;

  constructor(raw: RawColumns, stepped: boolean, configuration: AggregateConfiguration) {
    this.times = raw.times;
    this.values = raw.values;
    this.qualities = raw.qualities;
    this.stepped = stepped;
    this.configuration = configuration;
  }

  get size(): number {
    return this.times.length;
  }

  timeAt(i: number): EpochMs {
    return this.times[i] ?? Number.NaN;
  }

  valueAt(i: number): number {
    return this.values[i] ?? Number.NaN;
  }

  qualityAt(i: number): QualityCode {
    return this.qualities[i] ?? Status.badNoData;
  }

  /** False for what counts as Bad under TreatUncertainAsBad. */
  isUsable(status: QualityCode): boolean {
    return this.configuration.treatUncertainAsBad ? isGood(status) : !isBad(status);
  }

  isUsableAt(i: number): boolean {
    return this.isUsable(this.qualityAt(i)) && !Number.isNaN(this.valueAt(i));
  }

  /** The raw values in an interval: indices from `first` up to `end`. */
  rangeIn(interval: Interval): { readonly first: number; readonly end: number } {
    const { low, high, isReverse } = interval;
    return isReverse
      ? { first: this.firstBehind(low), end: this.firstBehind(high) }
      : { first: this.firstFrom(low), end: this.firstFrom(high) };
  }

  /** Index of the first value at or after `time`. */
  firstFrom(time: EpochMs): number {
    return this.#search((candidate) => candidate >= time);
  }

  /** Index of the first value after `time`. */
  firstBehind(time: EpochMs): number {
    return this.#search((candidate) => candidate > time);
  }

  /** True when the interval lies wholly before or behind the data. */
  isOutOfData(interval: Interval): boolean {
    return this.size === 0 || interval.low > this.timeAt(this.size - 1) || interval.high < this.timeAt(0);
  }

  /**
   * Interpolated bounding value (OPC 10000-13, 3.1.8): estimated from the next usable values on both sides, however far
   * away; behind the last one it is extrapolated.
   */
  interpolatedBound(time: EpochMs): PointValue {
    const at = this.firstFrom(time);
    if (at < this.size && this.timeAt(at) === time && this.isUsableAt(at)) return this.#rawAt(at);
    const early = this.#usableBefore(at);
    if (early < 0) return noDataAt(time);
    const late = this.#usableFrom(at);
    if (this.stepped) return this.#held(time, early, early + 1 < this.size && this.timeAt(early + 1) > time);
    if (late < this.size) return this.#sloped(time, early, late, late === early + 1);
    const beforeEarly = this.#usableBefore(early);
    const isSloped = this.configuration.useSlopedExtrapolation && beforeEarly >= 0;
    return isSloped ? this.#sloped(time, beforeEarly, early, false) : this.#held(time, early, false);
  }

  /** Simple bounding value (OPC 10000-13, 3.1.9): estimated from the two raw values around it, even if one is bad. */
  simpleBound(time: EpochMs): PointValue {
    const at = this.firstFrom(time);
    if (at < this.size && this.timeAt(at) === time) return this.#rawAt(at);
    const before = at - 1;
    if (before < 0 || at >= this.size || !this.isUsableAt(before)) return noDataAt(time);
    if (this.stepped) return this.#held(time, before, true);
    return this.isUsableAt(at) ? this.#sloped(time, before, at, true) : this.#held(time, before, false);
  }

  #rawAt(i: number): PointValue {
    return { time: this.timeAt(i), value: this.valueAt(i), status: this.qualityAt(i) };
  }

  /** The value of `early` still holds; in doubt when that is a guess. */
  #held(time: EpochMs, early: number, isCertain: boolean): PointValue {
    const code = isCertain && isGood(this.qualityAt(early)) ? Status.good : Status.uncertainDataSubNormal;
    return { time, value: this.valueAt(early), status: withBits(code, HistorianBit.interpolated) };
  }

  /** On the line through two values. */
  #sloped(time: EpochMs, early: number, late: number, isCertain: boolean): PointValue {
    const slope = (this.valueAt(late) - this.valueAt(early)) / (this.timeAt(late) - this.timeAt(early));
    const value = this.valueAt(early) + slope * (time - this.timeAt(early));
    const isDoubtful = !isCertain || isUncertain(this.qualityAt(early)) || isUncertain(this.qualityAt(late));
    const code = isDoubtful ? Status.uncertainDataSubNormal : Status.good;
    return { time, value, status: withBits(code, HistorianBit.interpolated) };
  }

  #usableBefore(i: number): number {
    let found = i - 1;
    while (found >= 0 && !this.isUsableAt(found)) found -= 1;
    return found;
  }

  #usableFrom(i: number): number {
    let found = i;
    while (found < this.size && !this.isUsableAt(found)) found += 1;
    return found;
  }

  #search(isFound: (time: EpochMs) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isFound(this.timeAt(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function noDataAt(time: EpochMs): PointValue {
  return { time, value: Number.NaN, status: Status.badNoData };
}
