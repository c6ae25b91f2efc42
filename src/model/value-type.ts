import { type DataType, integerRangeOf, type ParameterValue } from "./data-type.ts";

/** What keeps `value` from being a value of `dataType`, e.g. `expected an int32`; undefined when it is one. */
export function typeProblemOf(value: ParameterValue, dataType: DataType): string | undefined {
  return isOfType(value, dataType) ? undefined : `expected a value of type ${dataType}`;
}

function isOfType(value: ParameterValue, dataType: DataType): boolean {
  switch (dataType) {
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "float":
    case "double":
    case "date-time":
      return typeof value === "number" && Number.isFinite(value);
    default:
      return isInteger(value, dataType);
  }
}

function isInteger(value: ParameterValue, dataType: DataType): boolean {
  if (typeof value === "bigint") {
    if (dataType === "int64") return BigInt.asIntN(64, value) === value;
    return dataType === "uint64" && BigInt.asUintN(64, value) === value;
  }
  const range = integerRangeOf(dataType);
  if (range === undefined || typeof value !== "number" || !Number.isInteger(value)) return false;
  return value >= range[0] && value <= range[1];
}
