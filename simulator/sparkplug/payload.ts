import sparkplug from "sparkplug-payload";
import proto from "sparkplug-payload/lib/sparkplugPayloadProto.js";
import type { MetricType, MetricValue } from "./metrics.ts";

const found = sparkplug.get("spBv1.0");
if (found === null || found === undefined) throw new Error("sparkplug-payload does not know spBv1.0");
const codec = found;

/** One metric of an outgoing payload; the library needs the datatype to find the field. */
export interface OutgoingMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestamp: number;
  readonly type: MetricType;
  readonly value: MetricValue;
}

/** One metric of a command: whatever field is on the wire decides the type, so a missing datatype does no harm. */
export interface CommandMetric {
  readonly name: string | undefined;
  readonly alias: number | undefined;
  readonly value: number | boolean | string | undefined;
}

export function encodePayload(timestamp: number, metrics: OutgoingMetric[], seq?: number): Buffer {
  const payload = seq === undefined ? { timestamp, metrics } : { timestamp, metrics, seq };
  const { buffer, byteOffset, length } = codec.encodePayload(payload);
  return Buffer.from(buffer, byteOffset, length);
}

const { Payload } = proto.org.eclipse.tahu.protobuf;

/** The metrics of an NCMD or DCMD; undefined when the bytes are no Sparkplug payload. */
export function decodeCommand(bytes: Uint8Array): CommandMetric[] | undefined {
  try {
    return Payload.decode(bytes).metrics.map((metric) => ({
      name: metric.name === "" ? undefined : (metric.name ?? undefined),
      alias: Object.hasOwn(metric, "alias") ? numberOf(metric.alias) : undefined,
      value: fieldOf(metric),
    }));
  } catch {
    return undefined;
  }
}

type WireMetric = ReturnType<typeof Payload.decode>["metrics"][number];

function fieldOf(metric: WireMetric): CommandMetric["value"] {
  const has = (field: string): boolean => Object.hasOwn(metric, field);
  if (has("booleanValue")) return metric.booleanValue ?? undefined;
  if (has("floatValue")) return metric.floatValue ?? undefined;
  if (has("doubleValue")) return metric.doubleValue ?? undefined;
  if (has("intValue")) return (metric.intValue ?? 0) | 0;
  if (has("longValue")) return numberOf(metric.longValue);
  if (has("stringValue")) return metric.stringValue ?? undefined;
  return undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null || !("low" in value) || !("high" in value)) return undefined;
  const { low, high } = value;
  return typeof low === "number" && typeof high === "number" ? (high | 0) * 4294967296 + (low >>> 0) : undefined;
}
