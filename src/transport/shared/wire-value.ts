import type { DataType } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";
import { Quality, type QualityCode } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { epochMsOf } from "./device-time.ts";

/** A parameter as a self-describing protocol (JSON, LwM2M) carries it. */
export interface WirePoint {
  /** Index within the package. */
  readonly parameter: number;
  readonly name: string;
  readonly dataType: DataType;
  readonly scale: number;
  readonly offset: number;
  readonly valueMap: ReadonlyMap<string, number> | undefined;
}

export function wirePointOf(spec: ParameterSpec, binding: PointBinding): WirePoint {
  const { index, name, dataType } = spec;
  return { parameter: index, name, dataType, scale: binding.scale, offset: binding.offset, valueMap: binding.valueMap };
}

/** When and how a value was measured. */
export interface Taking {
  readonly time: EpochMs;
  /** SampleFlag. */
  readonly flags: number;
  /** Quality of a value that is well-formed. */
  readonly quality: QualityCode;
}

// What generators write for a measurement that they could not make.
const notNumbers = new Set(["nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"]);

/**
 * Appends what a wire value stands for to `batch`, in the parameter's unit. `null` and an empty time are "no value"; NaN or
 * Infinity as text is a failed measurement; a value of the wrong type is kept as such, without a value. False when the
 * value was not what the parameter expects.
 */
export function addWireValue(batch: SampleBatch, point: WirePoint, value: unknown, taking: Taking): boolean {
  const { parameter, dataType } = point;
  const { time, flags, quality } = taking;
  if (value === null || (value === "" && dataType === "date-time")) {
    batch.add(parameter, Number.NaN, time, Quality.badNoData, flags);
    return true;
  }
  if (dataType === "string") {
    if (typeof value === "string") batch.addText(parameter, value, time, quality, flags);
    else batch.add(parameter, Number.NaN, time, Quality.badTypeMismatch, flags);
    return typeof value === "string";
  }
  if (typeof value === "bigint" && !Number.isSafeInteger(Number(value))) {
    batch.addText(parameter, value.toString(), time, quality, flags);
    return true;
  }
  const number = numberOf(point, value);
  if (!Number.isNaN(number)) {
    batch.add(parameter, number, time, quality, flags);
    return true;
  }
  const failed = typeof value === "string" && notNumbers.has(value.toLowerCase());
  batch.add(parameter, Number.NaN, time, failed ? Quality.badSensorFailure : Quality.badTypeMismatch, flags);
  return false;
}

/** NaN when the value is of the wrong type. */
function numberOf({ dataType, scale, offset, valueMap }: WirePoint, value: unknown): number {
  if (valueMap !== undefined) {
    const mapped = valueMap.get(String(value));
    if (mapped !== undefined) return mapped;
  }
  switch (typeof value) {
    case "number":
      if (dataType === "boolean") return value === 0 || value === 1 ? value : Number.NaN;
      if (dataType === "date-time") return epochMsOf(value) ?? Number.NaN;
      return value * scale + offset;
    case "bigint":
      return Number(value) * scale + offset;
    case "boolean":
      return dataType === "boolean" ? Number(value) : Number.NaN;
    case "string":
      return numberOfText(dataType, value);
    default:
      return Number.NaN;
  }
}

function numberOfText(dataType: DataType, text: string): number {
  if (dataType === "date-time") return epochMsOf(text) ?? Number.NaN;
  if (dataType === "boolean") return text === "true" ? 1 : text === "false" ? 0 : Number.NaN;
  return Number.NaN;
}
