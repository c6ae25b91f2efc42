import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { parameterValueOf } from "#model/parameter-value.ts";
import { isBad, isGood, type QualityCode } from "#model/quality.ts";
import { type JsonValue, maybeIsoOf } from "./schemas/common.ts";

export function qualityWord(quality: QualityCode): "good" | "uncertain" | "bad" {
  return isGood(quality) ? "good" : isBad(quality) ? "bad" : "uncertain";
}

/** A value in JSON's terms: times as ISO 8601, integers that a double cannot hold as text, no value as null. */
export function jsonValueOf(value: ParameterValue | undefined, spec: Pick<ParameterSpec, "dataType">): JsonValue {
  if (value === undefined) return null;
  if (typeof value === "bigint") return String(value);
  if (spec.dataType === "date-time" && typeof value === "number") return maybeIsoOf(value);
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  return value;
}

/** The word that a package has for a value: of an enumeration or a boolean's states. */
export function wordOf(value: ParameterValue | undefined, spec: ParameterSpec): string | undefined {
  if (typeof value === "boolean") return value ? spec.states?.true : spec.states?.false;
  return spec.enumeration.find((entry) => entry.value === value)?.name;
}

export interface LiveValueJson {
  name: string;
  value: JsonValue;
  text?: string;
  unit?: string;
  quality: "good" | "uncertain" | "bad";
  status: number;
  time: string | null;
}

/** The last value of a parameter as the API shows it. */
export function liveValueOf(live: LiveValues, device: Device, spec: ParameterSpec): LiveValueJson {
  const { value, quality, sourceTime } = live.get(device, spec);
  const word = wordOf(value, spec);
  return {
    name: spec.name,
    value: jsonValueOf(value, spec),
    ...(word === undefined ? {} : { text: word }),
    ...(spec.unit === undefined ? {} : { unit: spec.unit.symbol }),
    quality: qualityWord(quality),
    status: quality,
    time: maybeIsoOf(sourceTime),
  };
}

/**
 * A value as a request gives it, in the parameter's own type: texts may name a value, a state or a time. Throws
 * `value-type-mismatch`.
 */
export function givenValueOf(given: string | number | boolean, spec: ValueShape, where: string): ParameterValue {
  if (typeof given !== "string" || spec.dataType === "string") return given;
  const value = parameterValueOf(given, spec);
  if (value !== undefined) return value;
  const shown = JSON.stringify(given.slice(0, 80));
  throw new HostError("value-type-mismatch", `${where}: ${shown} is no value of type ${spec.dataType}`);
}

type ValueShape = Pick<ParameterSpec, "dataType" | "enumeration" | "states">;
