import { Quality } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { WireKind } from "#transport/sparkplug/codec/data-type.ts";
import { MetricFlag } from "#transport/sparkplug/codec/metric-columns.ts";
import { numberOf, wideDigitsOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import type { Point } from "./points.ts";
import { qualityInProperties } from "./quality-property.ts";

const sampleFlags = MetricFlag.historical | MetricFlag.transient;

/**
 * Appends the sample of decoded metric `i` to `batch` in the parameter's unit. `extraFlags` are SampleFlags that the
 * message as a whole has. The time is the metric's, else the payload's, else that of receipt.
 */
export function addSample(
  batch: SampleBatch,
  point: Point,
  decoder: PayloadDecoder,
  i: number,
  extraFlags: number,
): void {
  const { columns } = decoder;
  const wireFlags = columns.flags[i] ?? 0;
  const flags = (wireFlags & sampleFlags) | extraFlags;
  const time = timeOf(decoder, i, batch.receivedAt);
  if ((wireFlags & MetricFlag.null) !== 0) {
    batch.add(point.parameter, Number.NaN, time, Quality.badNoData, flags);
    return;
  }
  const end = columns.propertyEnds[i] ?? 0;
  const quality = end === 0 ? Quality.good : qualityInProperties(columns.bytes, columns.propertyStarts[i] ?? 0, end);
  if (point.dataType === "string") {
    batch.addText(point.parameter, textOf(point, decoder, i), time, quality, flags);
    return;
  }
  const wide = columns.kinds[i] === WireKind.long ? wideDigitsOf(columns, i, point.datatype) : undefined;
  if (wide !== undefined) {
    batch.addText(point.parameter, wide, time, quality, flags);
    return;
  }
  const value = valueOf(point, decoder, i);
  batch.add(point.parameter, value, time, Number.isNaN(value) ? mismatchOr(quality, decoder, i) : quality, flags);
}

function timeOf(decoder: PayloadDecoder, i: number, receivedAt: number): number {
  const { columns } = decoder;
  const own = columns.times[i] ?? Number.NaN;
  if (!Number.isNaN(own)) return own;
  return Number.isNaN(columns.timestamp) ? receivedAt : columns.timestamp;
}

/** The number of a metric in the parameter's unit; NaN when it has none. */
function valueOf(point: Point, decoder: PayloadDecoder, i: number): number {
  const { columns } = decoder;
  if (columns.kinds[i] === WireKind.string) return numberOfText(point, decoder.textOf(i) ?? "");
  const wire = numberOf(columns, i, point.datatype);
  const mapped = point.numbers?.get(wire);
  if (mapped !== undefined) return mapped;
  if (point.dataType === "boolean") return Number.isNaN(wire) ? wire : Number(wire !== 0);
  return wire * point.scale + point.offset;
}

// Legacy devices send enumerations, ratings and times as texts.
function numberOfText(point: Point, text: string): number {
  const named = point.texts?.get(text);
  if (named !== undefined) return named;
  if (point.dataType === "date-time") return Date.parse(text);
  if (point.dataType === "boolean") return text === "true" ? 1 : text === "false" ? 0 : Number.NaN;
  return text.trim() === "" ? Number.NaN : Number(text) * point.scale + point.offset;
}

function textOf(point: Point, decoder: PayloadDecoder, i: number): string {
  const text = decoder.textOf(i);
  if (text !== undefined) return text;
  const { columns } = decoder;
  if (columns.kinds[i] === WireKind.none) return "";
  return wideDigitsOf(columns, i, point.datatype) ?? String(numberOf(columns, i, point.datatype));
}

// A float NaN is a measurement the device could not make; anything else that is no number has the wrong type.
function mismatchOr(quality: number, decoder: PayloadDecoder, i: number): number {
  const kind = decoder.columns.kinds[i];
  const isFloat = kind === WireKind.float || kind === WireKind.double;
  if (!isFloat) return Quality.badTypeMismatch;
  return quality === Quality.good ? Quality.badSensorFailure : quality;
}
