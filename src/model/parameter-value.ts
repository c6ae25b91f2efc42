import { type DataType, integerRangeOf, type ParameterValue } from "./data-type.ts";
import type { ParameterSpec } from "./parameter-spec.ts";

type ValueShape = Pick<ParameterSpec, "dataType" | "enumeration" | "states">;

/**
 * The value that `text` stands for in a parameter of this shape: numbers, `true` and `false`, ISO 8601 times (as epoch ms),
 * names of enumeration values and of boolean states. Undefined when it is none of these.
 */
export function parameterValueOf(text: string, shape: ValueShape): ParameterValue | undefined {
  const named = shape.enumeration.find((entry) => entry.name === text);
  if (named !== undefined) return named.value;
  if (shape.dataType === "boolean") return booleanOf(text, shape);
  if (shape.dataType === "string") return text;
  if (shape.dataType === "date-time") return timeOf(text);
  return numberOf(text, shape.dataType);
}

function booleanOf(text: string, shape: ValueShape): boolean | undefined {
  if (text === "true" || text === shape.states?.true) return true;
  if (text === "false" || text === shape.states?.false) return false;
  return undefined;
}

function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function numberOf(text: string, dataType: DataType): number | bigint | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const range = integerRangeOf(dataType);
  if (range === undefined) return value;
  if (Number.isSafeInteger(value)) return value >= range[0] && value <= range[1] ? value : undefined;
  return wideIntegerOf(text, dataType);
}

/** 64-bit integers that a double cannot hold exactly. */
function wideIntegerOf(text: string, dataType: DataType): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  if (dataType === "int64" && BigInt.asIntN(64, value) === value) return value;
  if (dataType === "uint64" && BigInt.asUintN(64, value) === value) return value;
  return undefined;
}

/** What is wrong with a value of a parameter's type as a setting of it, or undefined when it may be written. */
export function settingProblemOf(
  value: ParameterValue,
  spec: Pick<ParameterSpec, "range" | "enumeration">,
): string | undefined {
  if (spec.enumeration.length > 0 && !spec.enumeration.some((entry) => entry.value === value)) {
    return `expected one of ${spec.enumeration.map((entry) => `${entry.value} ${entry.name}`).join(", ")}`;
  }
  if (spec.range === undefined || typeof value === "string" || typeof value === "boolean") return undefined;
  if (value >= spec.range.low && value <= spec.range.high) return undefined;
  return `expected ${spec.range.low} to ${spec.range.high}`;
}
