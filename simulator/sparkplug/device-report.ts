import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { breakerMetrics, type Metric, type MetricValue } from "./metrics.ts";
import type { OutgoingMetric } from "./payload.ts";

const measuredIndexes = indexesOf("measured");
const reportedIndexes = [...measuredIndexes, ...indexesOf("state")];

function indexesOf(kind: "measured" | "state"): number[] {
  return breakerMetrics.flatMap((metric, index) => (metric.kind === kind ? [index] : []));
}

export interface DeviceReportOptions {
  /** Aliases are unique within an edge node: this plus the metric's index. */
  readonly firstAlias: number;
  /** Share of a measured metric's span that counts as no change. */
  readonly deadband: number;
}

/** What one device has told so far, and therefore what is worth telling next. */
export class DeviceReport {
  readonly device: SimulatedDevice;
  readonly #firstAlias: number;
  readonly #deadband: number;
  readonly #told: MetricValue[] = [];
  /** Metrics to repeat in the next message although they may be unchanged: the answer to a command. */
  readonly #repeated = new Set<number>();

  constructor(device: SimulatedDevice, { firstAlias, deadband }: DeviceReportOptions) {
    this.device = device;
    this.#firstAlias = firstAlias;
    this.#deadband = deadband;
  }

  /** The index in `breakerMetrics` of an alias of this device; undefined for other devices' aliases. */
  indexOfAlias(alias: number): number | undefined {
    const index = alias - this.#firstAlias;
    return index >= 0 && index < breakerMetrics.length ? index : undefined;
  }

  /** All metrics with name, alias, datatype and value. */
  birth(): OutgoingMetric[] {
    const timestamp = this.device.epochMs();
    return breakerMetrics.map(({ name, type, read }, index) => {
      const value = read(this.device);
      this.#told[index] = value;
      return { name, alias: this.#firstAlias + index, timestamp, type, value };
    });
  }

  /** Repeats these metrics in the next message: evidence for whoever waits for an answer. */
  repeat(indexes: Iterable<number>): void {
    for (const index of indexes) this.#repeated.add(index);
  }

  /** The metrics that changed since they were last told, and those to repeat. */
  changes(): OutgoingMetric[] {
    const metrics = this.#collect(
      reportedIndexes,
      (metric, value, index) => this.#repeated.has(index) || this.#isNews(metric, value, this.#told[index]),
    );
    this.#repeated.clear();
    return metrics;
  }

  /** Every measured metric that has a value, changed or not. */
  allMeasured(): OutgoingMetric[] {
    return this.#collect(measuredIndexes, (_metric, value) => value !== null);
  }

  #isNews({ span }: Metric, value: MetricValue, told: MetricValue | undefined): boolean {
    if (value === told) return false;
    if (this.#deadband === 0 || typeof value !== "number" || typeof told !== "number") return true;
    // A value that reached zero is told exactly: an open breaker carries nothing.
    return value === 0 || span === undefined || Math.abs(value - told) >= this.#deadband * span;
  }

  #collect(
    indexes: readonly number[],
    isTold: (metric: Metric, value: MetricValue, index: number) => boolean,
  ): OutgoingMetric[] {
    const timestamp = this.device.epochMs();
    const metrics: OutgoingMetric[] = [];
    for (const index of indexes) {
      const metric = breakerMetrics[index];
      if (metric === undefined) continue;
      const value = metric.read(this.device);
      if (!isTold(metric, value, index)) continue;
      this.#told[index] = value;
      metrics.push({ alias: this.#firstAlias + index, timestamp, type: metric.type, value });
    }
    return metrics;
  }
}
