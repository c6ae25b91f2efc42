import { DataType as UaType } from "node-opcua";
import type { DataType, ParameterValue } from "#model/data-type.ts";

const uaTypes = {
  boolean: UaType.Boolean,
  int8: UaType.SByte,
  uint8: UaType.Byte,
  int16: UaType.Int16,
  uint16: UaType.UInt16,
  int32: UaType.Int32,
  uint32: UaType.UInt32,
  int64: UaType.Int64,
  uint64: UaType.UInt64,
  float: UaType.Float,
  double: UaType.Double,
  string: UaType.String,
  "date-time": UaType.DateTime,
} satisfies Record<DataType, UaType>;

/** The built-in OPC UA type of the same width. */
export function uaTypeOf(dataType: DataType): UaType {
  return uaTypes[dataType];
}

/**
 * A column value (number, or text for strings and 64-bit integers beyond 2^53) as the JavaScript value that node-opcua's
 * Variant of that type holds; undefined where there is no value.
 */
export function uaValueOf(dataType: DataType, value: number, text: string | undefined): unknown {
  if (dataType === "string") return text;
  if (dataType === "int64" || dataType === "uint64") return int64Pair(text === undefined ? value : BigInt(text));
  if (Number.isNaN(value)) return undefined;
  if (dataType === "boolean") return value !== 0;
  return dataType === "date-time" ? new Date(value) : value;
}

/** node-opcua holds 64-bit integers as [high, low] unsigned 32-bit words. */
function int64Pair(value: number | bigint): [number, number] | undefined {
  if (typeof value === "number" && Number.isNaN(value)) return undefined;
  const bits = BigInt.asUintN(64, typeof value === "number" ? BigInt(Math.trunc(value)) : value);
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)];
}

/** A Variant's value as a parameter value; undefined when it is none of the declared type. */
export function parameterValueOf(dataType: DataType, value: unknown): ParameterValue | undefined {
  switch (dataType) {
    case "string":
      return typeof value === "string" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "date-time":
      return value instanceof Date ? value.getTime() : undefined;
    case "int64":
    case "uint64":
      return bigintOf(dataType, value);
    default:
      return typeof value === "number" ? value : undefined;
  }
}

function bigintOf(dataType: "int64" | "uint64", value: unknown): bigint | undefined {
  if (!Array.isArray(value)) return undefined;
  const high: unknown = value[0];
  const low: unknown = value[1];
  if (typeof high !== "number" || typeof low !== "number") return undefined;
  const bits = (BigInt(high) << 32n) | BigInt(low);
  return dataType === "int64" ? BigInt.asIntN(64, bits) : bits;
}
