import sparkplug from "sparkplug-payload";
import { SparkplugType, typeNameOf, WireKind } from "#transport/sparkplug/codec/data-type.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";

const found = sparkplug.get("spBv1.0");
if (found === null || found === undefined) throw new Error("sparkplug-payload does not know spBv1.0");
const theirs = found;
type TheirMetric = NonNullable<Parameters<typeof theirs.encodePayload>[0]["metrics"]>[number];

const rounds = 7;
const roundMs = 150;
const timestamp = Date.UTC(2026, 2, 9, 7, 41);

/** A breaker's DATA: mostly floats, some counters, states and texts. */
function breakerMetrics(count: number, isNamed: boolean): Metric[] {
  return Array.from({ length: count }, (_, i) => {
    const key = isNamed ? { name: `Breaker/Measurement${i}/PhaseA` } : { alias: i + 10 };
    const common = { ...key, timestamp: timestamp + i };
    if (i % 10 === 3) return { ...common, datatype: SparkplugType.Int32, value: i * 1000 };
    if (i % 10 === 5) return { ...common, datatype: SparkplugType.Boolean, value: i % 20 === 5 };
    if (i % 10 === 7) return { ...common, datatype: SparkplugType.Double, value: i * 1.1 };
    if (i % 20 === 19) return { ...common, datatype: SparkplugType.String, value: "Overcurrent" };
    return { ...common, datatype: SparkplugType.Float, value: Math.fround(400 + i / 7) };
  });
}

/** The library names types by words; absent fields must be absent. */
function inTheirWords({ name, alias, timestamp: time, datatype = 0, value }: Metric): TheirMetric {
  const key = name === undefined ? { alias: alias ?? 0 } : { name };
  return { ...key, timestamp: time ?? 0, type: typeNameOf(datatype), value } as TheirMetric;
}

const decoder = new PayloadDecoder();
const encoder = new PayloadEncoder();
let sink = 0;

function readOurs(bytes: Uint8Array): void {
  if (!decoder.decode(bytes).ok) throw new Error("our decoder refused the bench payload");
  const { columns } = decoder;
  for (let i = 0; i < columns.size; i += 1) {
    if (columns.kinds[i] === WireKind.string) sink += decoder.textOf(i)?.length ?? 0;
    else sink += numberOf(columns, i, columns.datatypes[i] ?? 0) + (columns.times[i] ?? 0);
  }
}

function readTheirs(bytes: Uint8Array): void {
  for (const { value } of theirs.decodePayload(bytes).metrics ?? []) {
    sink += typeof value === "string" ? value.length : Number(value);
  }
}

/** Runs per CPU second. */
function rate(action: () => void): number {
  const begin = process.threadCpuUsage();
  let runs = 0;
  for (let usedUs = 0; usedUs < roundMs * 1000; ) {
    for (let i = 0; i < 50; i += 1) action();
    runs += 50;
    const used = process.threadCpuUsage(begin);
    usedUs = used.user + used.system;
    if (usedUs >= roundMs * 1000) return runs / (usedUs / 1e6);
  }
  return runs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Runs per CPU second of both, and how many times faster ours is. */
export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

function compare(ours: () => void, other: () => void): Comparison {
  rate(ours);
  rate(other);
  const results = Array.from({ length: rounds }, () => ({ ours: rate(ours), theirs: rate(other) }));
  return {
    ours: Math.round(median(results.map((round) => round.ours))),
    theirs: Math.round(median(results.map((round) => round.theirs))),
    ratio: Number(median(results.map((round) => round.ours / round.theirs)).toFixed(2)),
  };
}

function checkEqual(bytes: Uint8Array): void {
  decoder.decode(bytes);
  const { columns } = decoder;
  theirs.decodePayload(bytes).metrics?.forEach(({ value }, i) => {
    const ours = decoder.textOf(i) ?? numberOf(columns, i, columns.datatypes[i] ?? 0);
    if (String(ours) !== String(typeof value === "boolean" ? Number(value) : value)) {
      throw new Error(`metric ${i}: ${ours} here, ${String(value)} there`);
    }
  });
}

/**
 * Decoding and encoding a payload of `count` metrics, ours against sparkplug-payload, in turn: CPU time of this thread,
 * medians. A decoded payload counts only once every value of it was read. Throws when the two disagree about a value.
 */
export function compareCodecs(count: number, isNamed: boolean): { decode: Comparison; encode: Comparison } {
  const metrics = breakerMetrics(count, isNamed);
  const other = metrics.map(inTheirWords);
  const bytes = theirs.encodePayload({ timestamp, metrics: other, seq: 7 });
  checkEqual(bytes);
  checkEqual(encoder.encode({ timestamp, metrics, seq: 7 }));
  const decode = compare(
    () => readOurs(bytes),
    () => readTheirs(bytes),
  );
  const encode = compare(
    () => (sink += encoder.encode({ timestamp, metrics, seq: 7 }).length),
    () => (sink += theirs.encodePayload({ timestamp, metrics: other, seq: 7 }).length),
  );
  if (!Number.isFinite(sink)) throw new Error("what was read is no number");
  return { decode, encode };
}
