import { type CborValue, encodeCbor } from "./cbor.ts";
import type { Resource, ResourceValue } from "./resource.ts";

/** CoAP content formats that a device answers in. */
export const contentFormats = { text: 0, cbor: 60, senmlJson: 110, senmlCbor: 112, tlv: 11542 } as const;

export type ContentFormat = (typeof contentFormats)[keyof typeof contentFormats];

/** A value with its resource and the absolute path. */
export interface Reading {
  readonly path: string;
  readonly resource: Resource;
  readonly value: ResourceValue;
}

/** The payload of readings that share an object instance, in a format; the single form takes one reading only. */
export function encodeReadings(readings: readonly Reading[], base: string, format: ContentFormat): Buffer {
  const [first] = readings;
  switch (format) {
    case contentFormats.text:
      return Buffer.from(first === undefined ? "" : textOf(first.value));
    case contentFormats.cbor:
      return encodeCbor(first === undefined ? null : first.value);
    case contentFormats.senmlJson:
      return Buffer.from(JSON.stringify(readings.map((reading, i) => senmlJson(reading, base, i === 0))));
    case contentFormats.senmlCbor:
      return encodeCbor(readings.map((reading, i) => senmlCbor(reading, base, i === 0)));
    case contentFormats.tlv:
      return Buffer.concat(readings.map(tlv));
  }
}

function textOf(value: ResourceValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return String(value);
}

/** Name of a record relative to the base name of the first one. */
function nameOf({ path }: Reading, base: string): string {
  return path.slice(base.length + 1);
}

function senmlJson(reading: Reading, base: string, isFirst: boolean): object {
  const { value } = reading;
  const member = typeof value === "number" ? { v: value } : typeof value === "boolean" ? { vb: value } : { vs: value };
  return { ...(isFirst ? { bn: `${base}/` } : {}), n: nameOf(reading, base), ...member };
}

/** SenML labels in CBOR (RFC 8428): bn -2, n 0, v 2, vs 3, vb 4. */
function senmlCbor(reading: Reading, base: string, isFirst: boolean): CborValue {
  const { value } = reading;
  const label = typeof value === "number" ? 2 : typeof value === "boolean" ? 4 : 3;
  const record = new Map<number, CborValue>();
  if (isFirst) record.set(-2, `${base}/`);
  record.set(0, nameOf(reading, base));
  record.set(label, value);
  return record;
}

/** One Resource TLV: type 0b11, identifier of 8 or 16 bits, length inline up to 7 bytes. */
function tlv({ resource, value }: Reading): Buffer {
  const content = tlvValue(resource, value);
  const isWideId = resource.id > 255;
  const lengthBytes = content.length < 8 ? 0 : content.length < 256 ? 1 : 2;
  const type = 0xc0 | (isWideId ? 0x20 : 0) | (lengthBytes << 3) | (lengthBytes === 0 ? content.length : 0);
  const head = [type];
  if (isWideId) head.push(resource.id >> 8);
  head.push(resource.id & 0xff);
  if (lengthBytes === 2) head.push(content.length >> 8);
  if (lengthBytes > 0) head.push(content.length & 0xff);
  return Buffer.concat([Buffer.from(head), content]);
}

function tlvValue({ type }: Resource, value: ResourceValue): Buffer {
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value === "boolean") return Buffer.of(value ? 1 : 0);
  if (type === "float") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  }
  return integerBytes(value);
}

function integerBytes(value: number): Buffer {
  const size =
    value >= -128 && value < 128 ? 1 : value >= -32_768 && value < 32_768 ? 2 : Math.abs(value) < 2 ** 31 ? 4 : 8;
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeBigInt64BE(BigInt(Math.trunc(value)));
  else bytes.writeIntBE(Math.trunc(value), 0, size);
  return bytes;
}
