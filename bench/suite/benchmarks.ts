/** A run of `all`: a benchmark with the options it is run with, and the name of its figures in the results. */
export interface PlannedRun {
  readonly name: string;
  readonly bench: string;
  readonly args: readonly string[];
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
  plain("growth"),
];

/** A figure that means the same on every machine: a ratio of two things measured in the same run. */
export interface RatioFigure {
  /** Name of a planned run. */
  readonly run: string;
  readonly figure: string;
  /** The figure of the same run that it is divided by; absent where it is a ratio already. */
  readonly per?: string;
  readonly better: "higher" | "lower";
  /** The same measurement in less time, for a comparison in CI. */
  readonly quickArgs?: readonly string[];
}

const ingestRatio = (run: string): RatioFigure => ({
  run,
  figure: "hostCpuUsPerMessage",
  per: "limitCpuUsPerMessage",
  better: "lower",
  quickArgs: ["--no-load", "--update-seconds", "3"],
});

export const ratioFigures: readonly RatioFigure[] = [
  { run: "codec", figure: "decode50NamedRatio", better: "higher" },
  { run: "codec", figure: "decode20AliasRatio", better: "higher" },
  { run: "codec", figure: "encodeRatio", better: "higher" },
  ingestRatio("ingest-sparkplug"),
  ingestRatio("ingest-json"),
  ingestRatio("ingest-lwm2m"),
  {
    run: "notify",
    figure: "cpuUsPerNotification",
    per: "limitCpuUsPerValue",
    better: "lower",
    quickArgs: ["--devices", "1200", "--seconds", "5"],
  },
  {
    run: "commands",
    figure: "tripP50Ms",
    per: "limitP50Ms",
    better: "lower",
    quickArgs: ["--rounds", "1", "--trips", "200"],
  },
];

/** How much worse than the committed result a ratio may be before it counts as a loss; measurements scatter. */
export const tolerance = 0.3;
