import { SparkplugType, type SparkplugTypeCode } from "./data-type.ts";
import type { Scalar } from "./payload.ts";

/**
 * The elements of an array value (types 22 to 34; section 6.4.17): little-endian numbers, zero-terminated UTF-8 strings,
 * booleans as bits from the highest on behind a 4-byte count. Undefined when the bytes are no whole number of elements.
 */
export function unpackArray(bytes: Uint8Array, datatype: SparkplugTypeCode): Scalar[] | undefined {
  if (datatype === SparkplugType.BooleanArray) return unpackBooleans(bytes);
  if (datatype === SparkplugType.StringArray) return unpackStrings(bytes);
  const element = elements.get(datatype);
  if (element === undefined || bytes.byteLength % element.size !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / element.size }, (_, i) => element.read(view, i * element.size));
}

/** The bytes of an array value; throws a RangeError or TypeError on elements that do not fit. */
export function packArray(values: readonly Scalar[], datatype: SparkplugTypeCode): Uint8Array {
  if (datatype === SparkplugType.BooleanArray) return packBooleans(values);
  if (datatype === SparkplugType.StringArray)
    return Buffer.from(values.map((text) => `${String(text)}\0`).join(""), "utf8");
  const element = elements.get(datatype);
  if (element === undefined) throw new TypeError(`datatype ${datatype} is no array`);
  const bytes = new Uint8Array(values.length * element.size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => element.write(view, i * element.size, value));
  return bytes;
}

export function isArrayType(datatype: SparkplugTypeCode): boolean {
  return datatype >= SparkplugType.Int8Array && datatype <= SparkplugType.DateTimeArray;
}

interface Element {
  readonly size: number;
  read(view: DataView, at: number): Scalar;
  write(view: DataView, at: number, value: Scalar): void;
}

const exact = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const int64: Element = {
  size: 8,
  read: (view, at) => exact(view.getBigInt64(at, true)),
  write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
};

const uint64: Element = {
  size: 8,
  read: (view, at) => exact(view.getBigUint64(at, true)),
  write: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
};

const elements: ReadonlyMap<SparkplugTypeCode, Element> = new Map<SparkplugTypeCode, Element>([
  [
    SparkplugType.Int8Array,
    { size: 1, read: (view, at) => view.getInt8(at), write: (view, at, value) => view.setInt8(at, Number(value)) },
  ],
  [
    SparkplugType.Int16Array,
    {
      size: 2,
      read: (view, at) => view.getInt16(at, true),
      write: (view, at, value) => view.setInt16(at, Number(value), true),
    },
  ],
  [
    SparkplugType.Int32Array,
    {
      size: 4,
      read: (view, at) => view.getInt32(at, true),
      write: (view, at, value) => view.setInt32(at, Number(value), true),
    },
  ],
  [SparkplugType.Int64Array, int64],
  [
    SparkplugType.UInt8Array,
    { size: 1, read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, Number(value)) },
  ],
  [
    SparkplugType.UInt16Array,
    {
      size: 2,
      read: (view, at) => view.getUint16(at, true),
      write: (view, at, value) => view.setUint16(at, Number(value), true),
    },
  ],
  [
    SparkplugType.UInt32Array,
    {
      size: 4,
      read: (view, at) => view.getUint32(at, true),
      write: (view, at, value) => view.setUint32(at, Number(value), true),
    },
  ],
  [SparkplugType.UInt64Array, uint64],
  [
    SparkplugType.FloatArray,
    {
      size: 4,
      read: (view, at) => view.getFloat32(at, true),
      write: (view, at, value) => view.setFloat32(at, Number(value), true),
    },
  ],
  [
    SparkplugType.DoubleArray,
    {
      size: 8,
      read: (view, at) => view.getFloat64(at, true),
      write: (view, at, value) => view.setFloat64(at, Number(value), true),
    },
  ],
  [SparkplugType.DateTimeArray, int64],
]);

function unpackBooleans(bytes: Uint8Array): boolean[] | undefined {
  if (bytes.byteLength < 4) return undefined;
  const count = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (bytes.byteLength - 4 !== Math.ceil(count / 8)) return undefined;
  return Array.from({ length: count }, (_, i) => (((bytes[4 + (i >>> 3)] ?? 0) >>> (7 - (i & 7))) & 1) === 1);
}

function packBooleans(values: readonly Scalar[]): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(values.length / 8));
  new DataView(bytes.buffer).setUint32(0, values.length, true);
  values.forEach((value, i) => {
    if (value === true) bytes[4 + (i >>> 3)] = (bytes[4 + (i >>> 3)] ?? 0) | (0x80 >>> (i & 7));
  });
  return bytes;
}

function unpackStrings(bytes: Uint8Array): string[] | undefined {
  if (bytes.byteLength === 0) return [];
  if (bytes.at(-1) !== 0) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength - 1)
    .toString("utf8")
    .split("\0");
}
