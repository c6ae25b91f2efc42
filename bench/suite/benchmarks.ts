/** A run of `all`: a benchmark with the options it is run with, and the name of its figures in the results. */
export interface PlannedRun {
  readonly name: string;
  readonly bench: string;
  readonly args: readonly string[];
  /** Runs only when it is asked for by name: it takes very long. */
  readonly isLong?: true;
}

const plain = (bench: string, ...args: string[]): PlannedRun => ({ name: bench, bench, args });
const ingest = (protocol: string, ...args: string[]): PlannedRun => ({
  name: `ingest-${protocol}`,
  bench: "ingest",
  args: ["--protocol", protocol, ...args],
});

/** Everything that a release publishes, in the order in which it runs. */
export const plannedRuns: readonly PlannedRun[] = [
  plain("codec"),
  plain("package"),
  ingest("sparkplug", "--seconds", "60"),
  ingest("json"),
  ingest("lwm2m"),
  plain("latency"),
  plain("address-space"),
  plain("notify"),
  plain("commands"),
  plain("alarms"),
  plain("history"),
  plain("rest"),
  plain("startup"),
  plain("simulator"),
  plain("soak"),
  { name: "soak-30-min", bench: "soak", args: ["--minutes", "30", "--rate", "500"], isLong: true },
  plain("growth"),
  plain("ratios"),
];

/** A figure that means the same on every machine: a ratio of two things measured in the same run. */
export interface RatioFigure {
  /** Which part of the benchmark `ratios` measures it. */
  readonly part: string;
  readonly figure: string;
  readonly better: "higher" | "lower";
}

/** What a comparison looks at: one ratio or more for each hot path. */
export const ratioFigures: readonly RatioFigure[] = [
  { part: "codec", figure: "decodeNamedRatio", better: "higher" },
  { part: "codec", figure: "decodeAliasRatio", better: "higher" },
  { part: "codec", figure: "encodeRatio", better: "higher" },
  { part: "ingest-sparkplug", figure: "sparkplugIngestRatio", better: "lower" },
  { part: "ingest-json", figure: "jsonIngestRatio", better: "lower" },
  { part: "notify", figure: "notifyRatio", better: "lower" },
  { part: "history", figure: "historyIngestRatio", better: "lower" },
  { part: "history", figure: "historyReadRatio", better: "lower" },
  { part: "commands", figure: "commandRatio", better: "lower" },
];

/** How much worse than the committed result a ratio may be before it counts as a loss; measurements scatter. */
export const tolerance = 0.3;
