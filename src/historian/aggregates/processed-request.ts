import type { EpochMs } from "#model/ids.ts";
import type { AggregateName } from "./aggregate-name.ts";

/** How data that is not good is treated (OPC 10000-13, 4.2.1.2). */
export interface AggregateConfiguration {
  readonly treatUncertainAsBad: boolean;
  /** From this share of bad data on, in percent, a result is Bad. */
  readonly percentDataBad: number;
  /** From this share of good data on, in percent, a result is Good. */
  readonly percentDataGood: number;
  /** Behind the last value: go on with the slope of the last two, instead of holding the last. */
  readonly useSlopedExtrapolation: boolean;
}

/** What a server applies unless a client says otherwise. */
export const defaultAggregateConfiguration: AggregateConfiguration = {
  treatUncertainAsBad: true,
  percentDataBad: 100,
  percentDataGood: 100,
  useSlopedExtrapolation: false,
};

/** True when the two percentages leave no share of data without a verdict (OPC 10000-13, 4.2.1.2). */
export function isConsistent(configuration: AggregateConfiguration): boolean {
  const { percentDataBad, percentDataGood } = configuration;
  const isPercent = (value: number): boolean => value >= 0 && value <= 100;
  return isPercent(percentDataBad) && isPercent(percentDataGood) && percentDataGood >= 100 - percentDataBad;
}

/** A question for processed values of one series (OPC 10000-11, 6.5.4). */
export interface ProcessedRequest {
  readonly aggregate: AggregateName;
  /** With endTime before startTime the intervals run backwards, the later time being the start of each. */
  readonly startTime: EpochMs;
  readonly endTime: EpochMs;
  /** 0: the whole time as one interval. */
  readonly processingIntervalMs: number;
  /** True: a value holds until the next one; false: it goes there in a straight line. */
  readonly stepped: boolean;
  readonly configuration: AggregateConfiguration;
}

/** Raw values in order of time, from the last good one at or before the request (two for sloped extrapolation) to the first good one behind it. */
export interface RawColumns {
  readonly times: Float64Array;
  /** NaN where the value is a text or absent. */
  readonly values: Float64Array;
  readonly qualities: Uint32Array;
}

/** One result for each interval, in the order of the intervals. */
export interface ProcessedColumns {
  /** Start of the interval; where the aggregate says so, the time of the value. */
  readonly times: Float64Array;
  /** NaN = null. Durations in ms, qualities as StatusCode. */
  readonly values: Float64Array;
  /** StatusCodes with historian bits. */
  readonly statuses: Uint32Array;
}
