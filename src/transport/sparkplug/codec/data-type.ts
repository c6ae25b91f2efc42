/** Datatype codes of Sparkplug 3.0, section 6.4.16. */
export const SparkplugType = {
  Unknown: 0,
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
  DataSet: 16,
  Bytes: 17,
  File: 18,
  Template: 19,
  PropertySet: 20,
  PropertySetList: 21,
  Int8Array: 22,
  Int16Array: 23,
  Int32Array: 24,
  Int64Array: 25,
  UInt8Array: 26,
  UInt16Array: 27,
  UInt32Array: 28,
  UInt64Array: 29,
  FloatArray: 30,
  DoubleArray: 31,
  BooleanArray: 32,
  StringArray: 33,
  DateTimeArray: 34,
} as const;

/** A datatype code as it is on the wire; codes outside the table are kept as they are. */
export type SparkplugTypeCode = number;

const names = new Map<number, string>(Object.entries(SparkplugType).map(([name, code]) => [code, name]));

/** `Float`, `Int32Array`, ... or `type 99`. */
export function typeNameOf(code: SparkplugTypeCode): string {
  return names.get(code) ?? `type ${code}`;
}

/** The wire form a value has in a metric: the field number of the message table (section 6.4.1). */
export const WireKind = {
  none: 0,
  int: 10,
  long: 11,
  float: 12,
  double: 13,
  boolean: 14,
  string: 15,
  bytes: 16,
  dataset: 17,
  template: 18,
  extension: 19,
} as const;
