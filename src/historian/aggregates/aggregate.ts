import type { AggregateName } from "#model/aggregate.ts";
import { AggregateSeries } from "./aggregate-series.ts";
import {
  bound,
  deltaBounds,
  durationInState,
  durationOfQuality,
  extreme2,
  interpolative,
  range2,
  timeWeighted,
  timeWeighted2,
  worstQuality2,
} from "./bound-aggregates.ts";
import type { IntervalResult } from "./interval-result.ts";
import { type Interval, intervalCount, intervalsOf } from "./intervals.ts";
import type { ProcessedColumns, ProcessedRequest, RawColumns } from "./processed-request.ts";
import {
  average,
  count,
  delta,
  edge,
  extreme,
  numberOfTransitions,
  range,
  spread,
  worstQuality,
} from "./raw-aggregates.ts";
import { HistorianBit, Status, withBits } from "./status.ts";

/** When a result is marked Partial: its interval holds the start or the end of the data. */
type PartialRule = "never" | "start" | "both";

interface Aggregate {
  readonly compute: (series: AggregateSeries, interval: Interval) => IntervalResult;
  readonly partial: PartialRule;
}

const both = (compute: Aggregate["compute"]): Aggregate => ({ compute, partial: "both" });
/** Extrapolated behind the end of the data: an interval there is not incomplete. */
const extrapolated = (compute: Aggregate["compute"]): Aggregate => ({ compute, partial: "start" });

const aggregates: Readonly<Record<Exclude<AggregateName, "AnnotationCount">, Aggregate>> = {
  Interpolative: { compute: interpolative, partial: "never" },
  Average: both(average),
  TimeAverage: extrapolated(timeWeighted(false)),
  TimeAverage2: both(timeWeighted2(false)),
  Total: extrapolated(timeWeighted(true)),
  Total2: both(timeWeighted2(true)),
  Minimum: both(extreme("min", false)),
  Maximum: both(extreme("max", false)),
  MinimumActualTime: both(extreme("min", true)),
  MaximumActualTime: both(extreme("max", true)),
  Range: both(range),
  Minimum2: both(extreme2("min", false)),
  Maximum2: both(extreme2("max", false)),
  MinimumActualTime2: both(extreme2("min", true)),
  MaximumActualTime2: both(extreme2("max", true)),
  Range2: both(range2),
  Count: both(count),
  DurationInStateZero: both(durationInState(true)),
  DurationInStateNonZero: both(durationInState(false)),
  NumberOfTransitions: both(numberOfTransitions),
  Start: both(edge("start")),
  End: both(edge("end")),
  Delta: both(delta),
  StartBound: both(bound("start")),
  EndBound: both(bound("end")),
  DeltaBounds: both(deltaBounds),
  DurationGood: both(durationOfQuality(false, false)),
  DurationBad: both(durationOfQuality(true, false)),
  PercentGood: both(durationOfQuality(false, true)),
  PercentBad: both(durationOfQuality(true, true)),
  WorstQuality: both(worstQuality),
  WorstQuality2: both(worstQuality2),
  StandardDeviationSample: both(spread(true, true)),
  StandardDeviationPopulation: both(spread(false, true)),
  VarianceSample: both(spread(true, false)),
  VariancePopulation: both(spread(false, false)),
};

/**
 * The values of an aggregate for each interval of a request (OPC 10000-13), in one pass over the raw values.
 * AnnotationCount needs annotations instead: countAnnotations().
 */
export function aggregate(
  request: ProcessedRequest & { readonly aggregate: Exclude<AggregateName, "AnnotationCount"> },
  raw: RawColumns,
): ProcessedColumns {
  const { compute, partial } = aggregates[request.aggregate];
  const series = new AggregateSeries(raw, request.stepped, request.configuration);
  return collect(request, (interval) => {
    const result = compute(series, interval);
    return isPartial(series, interval, partial)
      ? { ...result, status: withBits(result.status, HistorianBit.partial) }
      : result;
  });
}

/** Annotations per interval; `annotationTimes` in order. Always Good and calculated (OPC 10000-13, 5.4.3.20). */
export function countAnnotations(request: ProcessedRequest, annotationTimes: Float64Array): ProcessedColumns {
  const empty = new Float64Array(annotationTimes.length);
  const raw = { times: annotationTimes, values: empty, qualities: new Uint32Array(annotationTimes.length) };
  const series = new AggregateSeries(raw, true, request.configuration);
  return collect(request, (interval) => {
    const { first, end } = series.rangeIn(interval);
    return { time: interval.start, value: end - first, status: withBits(Status.good, HistorianBit.calculated) };
  });
}

function collect(request: ProcessedRequest, compute: (interval: Interval) => IntervalResult): ProcessedColumns {
  const size = intervalCount(request);
  const columns = { times: new Float64Array(size), values: new Float64Array(size), statuses: new Uint32Array(size) };
  let i = 0;
  for (const interval of intervalsOf(request)) {
    const result = compute(interval);
    columns.times[i] = result.time;
    columns.values[i] = result.value;
    columns.statuses[i] = result.status;
    i += 1;
  }
  return columns;
}

function isPartial(series: AggregateSeries, interval: Interval, rule: PartialRule): boolean {
  if (rule === "never" || series.size === 0) return false;
  const start = series.timeAt(0);
  const end = series.timeAt(series.size - 1);
  if (start > interval.low && start < interval.high) return true;
  return rule === "both" && end >= interval.low && end < interval.high;
}
