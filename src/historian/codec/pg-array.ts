import { readTime, writeTime } from "./pg-time.ts";

/** Binary one-dimensional arrays as PostgreSQL sends and receives them (array_send, array_recv): big-endian. */

const oid = { int4: 23, text: 25, float8: 701, timestamptz: 1184 } as const;
const headerBytes = 20;

export function encodeInt4Array(values: Int32Array): Uint8Array<ArrayBuffer> {
  const { bytes, view } = arrayOf(oid.int4, values.length, values.length * 8, false);
  let offset = headerBytes;
  for (const value of values) {
    view.setInt32(offset, 4);
    view.setInt32(offset + 4, value);
    offset += 8;
  }
  return bytes;
}

/** float8[]; NaN becomes NULL. */
export function encodeFloat8Array(values: Float64Array): Uint8Array<ArrayBuffer> {
  const present = countNumbers(values);
  const { bytes, view } = arrayOf(oid.float8, values.length, values.length * 4 + present * 8, present < values.length);
  let offset = headerBytes;
  for (const value of values) {
    if (Number.isNaN(value)) {
      view.setInt32(offset, -1);
      offset += 4;
      continue;
    }
    view.setInt32(offset, 8);
    view.setFloat64(offset + 4, value);
    offset += 12;
  }
  return bytes;
}

/** timestamptz[] of epoch ms; NaN becomes NULL. */
export function encodeTimeArray(times: Float64Array): Uint8Array<ArrayBuffer> {
  const present = countNumbers(times);
  const size = times.length * 4 + present * 8;
  const { bytes, view } = arrayOf(oid.timestamptz, times.length, size, present < times.length);
  let offset = headerBytes;
  for (const time of times) {
    if (Number.isNaN(time)) {
      view.setInt32(offset, -1);
      offset += 4;
      continue;
    }
    view.setInt32(offset, 8);
    writeTime(view, offset + 4, time);
    offset += 12;
  }
  return bytes;
}

/** text[]; undefined becomes NULL. */
export function encodeTextArray(
  texts: readonly (string | undefined)[],
  length = texts.length,
): Uint8Array<ArrayBuffer> {
  let size = 0;
  let hasNull = false;
  for (let i = 0; i < length; i += 1) {
    const text = texts[i];
    if (text === undefined) hasNull = true;
    size += 4 + (text === undefined ? 0 : Buffer.byteLength(text));
  }
  const { bytes, view } = arrayOf(oid.text, length, size, hasNull);
  const buffer = Buffer.from(bytes.buffer);
  let offset = headerBytes;
  for (let i = 0; i < length; i += 1) {
    const text = texts[i];
    const written = text === undefined ? -1 : buffer.write(text, offset + 4);
    view.setInt32(offset, written);
    offset += 4 + Math.max(0, written);
  }
  return bytes;
}

function arrayOf(elementType: number, length: number, contentBytes: number, hasNull: boolean) {
  const bytes = new Uint8Array(length === 0 ? 12 : headerBytes + contentBytes);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, length === 0 ? 0 : 1);
  view.setInt32(4, hasNull ? 1 : 0);
  view.setInt32(8, elementType);
  if (length > 0) {
    view.setInt32(12, length);
    view.setInt32(16, 1);
  }
  return { bytes, view };
}

function countNumbers(values: Float64Array): number {
  let count = 0;
  for (const value of values) if (!Number.isNaN(value)) count += 1;
  return count;
}

/** Elements of an int4[]; NULL reads as 0. */
export function decodeInt4Array(bytes: Uint8Array): Int32Array<ArrayBuffer> {
  const { view, length } = openArray(bytes);
  const values = new Int32Array(length);
  let offset = headerBytes;
  for (let i = 0; i < length; i += 1) {
    const size = view.getInt32(offset);
    if (size === 4) values[i] = view.getInt32(offset + 4);
    offset += 4 + Math.max(0, size);
  }
  return values;
}

/** Elements of a float8[]; NULL reads as NaN. */
export function decodeFloat8Array(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const { view, length } = openArray(bytes);
  const values = new Float64Array(length);
  let offset = headerBytes;
  for (let i = 0; i < length; i += 1) {
    const size = view.getInt32(offset);
    values[i] = size === 8 ? view.getFloat64(offset + 4) : Number.NaN;
    offset += 4 + Math.max(0, size);
  }
  return values;
}

/** Elements of a timestamptz[] as epoch ms; NULL reads as NaN. */
export function decodeTimeArray(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const { view, length } = openArray(bytes);
  const times = new Float64Array(length);
  let offset = headerBytes;
  for (let i = 0; i < length; i += 1) {
    const size = view.getInt32(offset);
    times[i] = size === 8 ? readTime(view, offset + 4) : Number.NaN;
    offset += 4 + Math.max(0, size);
  }
  return times;
}

/** Elements of a text[]; NULL reads as undefined. */
export function decodeTextArray(bytes: Uint8Array): (string | undefined)[] {
  const { view, length } = openArray(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: (string | undefined)[] = [];
  let offset = headerBytes;
  for (let i = 0; i < length; i += 1) {
    const size = view.getInt32(offset);
    texts.push(size < 0 ? undefined : buffer.toString("utf8", offset + 4, offset + 4 + size));
    offset += 4 + Math.max(0, size);
  }
  return texts;
}

function openArray(bytes: Uint8Array): { readonly view: DataView; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, length: view.getInt32(0) === 0 ? 0 : view.getInt32(12) };
}
