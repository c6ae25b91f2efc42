import type { AggregateConfiguration } from "#model/aggregate.ts";
import type { EpochMs } from "#model/ids.ts";
import { isBad, type QualityCode } from "#model/quality.ts";
import type { Interval } from "./intervals.ts";
import { HistorianBit, Status, withBits } from "./status.ts";

/** What an aggregate gives for one interval. */
export interface IntervalResult {
  readonly time: EpochMs;
  /** NaN = null. */
  readonly value: number;
  readonly status: QualityCode;
}

export function noData(interval: Interval): IntervalResult {
  return { time: interval.start, value: Number.NaN, status: Status.badNoData };
}

/** A calculated value at the start of the interval; a Bad one has neither value nor bits. */
export function calculated(interval: Interval, value: number, code: QualityCode): IntervalResult {
  if (isBad(code)) return { time: interval.start, value: Number.NaN, status: code };
  return { time: interval.start, value, status: withBits(code, HistorianBit.calculated) };
}

/**
 * The status of a result from the shares of good and bad in its data, by number or by time (OPC 10000-13, 5.4.3.2.1);
 * Good when there is none.
 */
export function statusOfShares(good: number, bad: number, total: number, rules: AggregateConfiguration): QualityCode {
  if (total === 0) return Status.good;
  if ((bad / total) * 100 >= rules.percentDataBad) return Status.bad;
  return (good / total) * 100 < rules.percentDataGood ? Status.uncertainDataSubNormal : Status.good;
}
