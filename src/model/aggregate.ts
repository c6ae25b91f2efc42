/** The standard aggregates (OPC 10000-13, 4.2.2), by BrowseName. */
export const aggregateNames = [
  "Interpolative",
  "Average",
  "TimeAverage",
  "TimeAverage2",
  "Total",
  "Total2",
  "Minimum",
  "Maximum",
  "MinimumActualTime",
  "MaximumActualTime",
  "Range",
  "Minimum2",
  "Maximum2",
  "MinimumActualTime2",
  "MaximumActualTime2",
  "Range2",
  "AnnotationCount",
  "Count",
  "DurationInStateZero",
  "DurationInStateNonZero",
  "NumberOfTransitions",
  "Start",
  "End",
  "Delta",
  "StartBound",
  "EndBound",
  "DeltaBounds",
  "DurationGood",
  "DurationBad",
  "PercentGood",
  "PercentBad",
  "WorstQuality",
  "WorstQuality2",
  "StandardDeviationSample",
  "StandardDeviationPopulation",
  "VarianceSample",
  "VariancePopulation",
] as const;

export type AggregateName = (typeof aggregateNames)[number];

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
