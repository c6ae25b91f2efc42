/** The data types a parameter can have; adapters map them to OPC UA, Sparkplug and SQL types of the same width. */
export const dataTypes = [
  "boolean",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float",
  "double",
  "string",
  "date-time",
] as const;

export type DataType = (typeof dataTypes)[number];

/** A value outside the columns: numbers and date-times (epoch ms) as number, 64-bit integers beyond 2^53 as bigint. */
export type ParameterValue = number | bigint | boolean | string;

const integerRanges: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/** The closed range of an integer type (64-bit types: the exact part of a double), or undefined for the others. */
export function integerRangeOf(dataType: DataType): readonly [number, number] | undefined {
  return integerRanges[dataType];
}

/** True for types whose values live in the text column. */
export function isTextType(dataType: DataType): boolean {
  return dataType === "string";
}
