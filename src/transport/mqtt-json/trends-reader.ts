import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import { Quality } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { epochMsOf } from "#transport/shared/device-time.ts";
import { addWireValue, type WirePoint } from "#transport/shared/wire-value.ts";
import { type JsonBindings, type TrendChannel, trendKinds } from "./binding-tree.ts";

/** Numeric channel codes of the older devices, and the channels they stand for. */
const channelCodes: ReadonlyMap<string, string> = new Map([
  ["1001", "status_breaker"],
  ["1002", "current_phase_a"],
  ["1003", "current_phase_b"],
  ["1004", "current_phase_c"],
  ["1005", "voltage_phase_a"],
  ["1006", "voltage_phase_b"],
  ["1007", "voltage_phase_c"],
  ["1008", "power_factor"],
  ["1009", "power_active"],
  ["1010", "power_reactive"],
  ["1011", "power_apparent"],
  ["1012", "frequency_value"],
  ["1013", "temperature_value"],
  ["1014", "protection_trip_count"],
  ["1019", "protection_ground_fault_current"],
  ["1020", "protection_arc_fault_detected"],
  ["1021", "operational_maintenance_due"],
  ["1022", "operational_operating_hours"],
  ["1023", "operational_load_percentage"],
  ["1024", "protection_harmonic_distortion"],
  ["1025", "status_position"],
]);

export interface TrendsReading {
  /** Entries that were taken. */
  readonly taken: number;
  /** The first entry that was not, and why. */
  readonly problem: string | undefined;
}

/**
 * Appends the entries of a trends message to the batch, for history only: `v` as the value measured at `t`; `min`, `max` and
 * `avg` as calculated values, in the parameters that are bound to them. Where none is, they stand in the series of the
 * value itself 3, 2 and 1 ms before it: a series has one value for each instant, and without them no chart of it would
 * show the extremes between two measurements.
 */
export function readTrends(entries: readonly unknown[], bindings: JsonBindings, batch: SampleBatch): TrendsReading {
  let taken = 0;
  let problem: string | undefined;
  for (const entry of entries) {
    const wrong = isJsonObject(entry) ? addEntry(entry, bindings, batch) : "an entry that is no object";
    if (wrong === undefined) taken += 1;
    else problem ??= wrong;
  }
  return { taken, problem };
}

function addEntry(entry: JsonObject, { channels }: JsonBindings, batch: SampleBatch): string | undefined {
  const name = String(entry["c"]).slice(0, 64);
  const channel = channels.get(channelCodes.get(name) ?? name);
  if (channel === undefined) return `channel ${name} is bound to no parameter`;
  const time = epochMsOf(entry["t"]);
  if (time === undefined) return `channel ${name}: t is no time`;
  const values = [entry["v"], ...trendKinds.map((kind) => entry[kind])].map(numberOf);
  if (values.some((value) => value === undefined)) return `channel ${name}: v, min, max or avg is no number`;
  addAggregates(entry, channel, time, batch);
  const { value } = channel;
  if (value !== undefined && entry["v"] !== undefined) add(batch, value, numberOf(entry["v"]), time, Quality.good);
  return undefined;
}

function addAggregates(entry: JsonObject, channel: TrendChannel, time: number, batch: SampleBatch): void {
  trendKinds.forEach((kind, i) => {
    if (entry[kind] === undefined) return;
    const number = numberOf(entry[kind]);
    const own = channel.aggregates[kind];
    const point = own ?? channel.value;
    const at = own === undefined ? time - (trendKinds.length - i) : time;
    if (point !== undefined) add(batch, point, number, at, Quality.goodCalculated);
  });
}

function add(batch: SampleBatch, point: WirePoint, value: unknown, time: number, quality: number): void {
  addWireValue(batch, point, value, { time, quality, flags: SampleFlag.historical });
}

/** Trend numbers are written as text; absent ones read as NaN, wrong ones as undefined. */
function numberOf(value: unknown): number | undefined {
  if (value === undefined) return Number.NaN;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
