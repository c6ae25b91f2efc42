import { Quality } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { epochMsOf } from "#transport/shared/device-time.ts";
import { WireKind } from "#transport/sparkplug/codec/data-type.ts";
import { type MetricColumns, MetricFlag } from "#transport/sparkplug/codec/metric-columns.ts";
import type { MetricSource } from "#transport/sparkplug/codec/metric-fields.ts";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import { numberOf, wideDigitsOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { Point } from "./points.ts";
import { qualityInProperties } from "./quality-property.ts";

const sampleFlags = MetricFlag.historical | MetricFlag.transient;

/**
 * Appends the sample of decoded metric `i` to `batch` in the parameter's unit. `extraFlags` are SampleFlags that the
 * message as a whole has. The time is the metric's, else the payload's, else that of receipt.
 */
export function addSample(batch: SampleBatch, point: Point, source: MetricSource, i: number, extraFlags: number): void {
  const { columns } = source;
  const wireFlags = columns.flags[i] ?? 0;
  const flags = (wireFlags & sampleFlags) | extraFlags;
  const time = timeOf(columns, i, batch.receivedAt);
  if ((wireFlags & MetricFlag.null) !== 0) {
    batch.add(point.parameter, Number.NaN, time, Quality.badNoData, flags);
    return;
  }
  const end = columns.propertyEnds[i] ?? 0;
  const quality = end === 0 ? Quality.good : qualityInProperties(columns.bytes, columns.propertyStarts[i] ?? 0, end);
  if (point.dataType === "string") {
    batch.addText(point.parameter, textOf(point, source, i), time, quality, flags);
    return;
  }
  const wide = columns.kinds[i] === WireKind.long ? wideDigitsOf(columns, i, point.datatype) : undefined;
  if (wide !== undefined) {
    batch.addText(point.parameter, wide, time, quality, flags);
    return;
  }
  const value = valueOf(point, source, i);
  batch.add(point.parameter, value, time, Number.isNaN(value) ? mismatchOr(quality, columns, i) : quality, flags);
}

/** The time of metric `i`: its own, else the payload's, else that of receipt. */
export function timeOf(columns: MetricColumns, i: number, receivedAt: number): number {
  const own = columns.times[i] ?? Number.NaN;
  if (!Number.isNaN(own)) return own;
  return Number.isNaN(columns.timestamp) ? receivedAt : columns.timestamp;
}

/** The number of a metric in the parameter's unit; NaN when it has none. */
function valueOf(point: Point, source: MetricSource, i: number): number {
  const { columns } = source;
  if (columns.kinds[i] === WireKind.string) return numberOfText(point, source.textOf(i) ?? "");
  const wire = numberOf(columns, i, point.datatype);
  const mapped = point.numbers?.get(wire);
  if (mapped !== undefined) return mapped;
  if (point.dataType === "boolean") return Number.isNaN(wire) ? wire : Number(wire !== 0);
  return wire * point.scale + point.offset;
}

/** What a text stands for: legacy devices send enumerations, ratings and times as texts. */
export function numberOfText(point: Point, text: string): number {
  const named = point.texts?.get(text);
  if (named !== undefined) return named;
  if (point.dataType === "date-time") return epochMsOf(text) ?? Number.NaN;
  if (point.dataType === "boolean") return text === "true" ? 1 : text === "false" ? 0 : Number.NaN;
  return text.trim() === "" ? Number.NaN : Number(text) * point.scale + point.offset;
}

const structured = new MetricReader();

/** The value as text: arrays, tables and templates as JSON, bytes as base64. */
function textOf(point: Point, source: MetricSource, i: number): string {
  const text = source.textOf(i);
  if (text !== undefined) return text;
  const { columns } = source;
  switch (columns.kinds[i]) {
    case WireKind.none:
      return "";
    case WireKind.bytes:
    case WireKind.dataset:
    case WireKind.template:
      return jsonOf(structured.value(source, i, point.datatype));
    default:
      return wideDigitsOf(columns, i, point.datatype) ?? String(numberOf(columns, i, point.datatype));
  }
}

function jsonOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part)) ?? "";
}

// A float NaN is a measurement the device could not make; anything else that is no number has the wrong type.
function mismatchOr(quality: number, columns: MetricColumns, i: number): number {
  const kind = columns.kinds[i];
  const isFloat = kind === WireKind.float || kind === WireKind.double;
  if (!isFloat) return Quality.badTypeMismatch;
  return quality === Quality.good ? Quality.badSensorFailure : quality;
}
