import { DataType as UaType } from "node-opcua";
import type { DataType } from "#model/data-type.ts";
import { uaTypeOf } from "#opcua/ua-data-type.ts";
import type { Segment } from "./raw-window.ts";

/** Which timestamps a client wants. */
export interface Stamps {
  readonly source: boolean;
  readonly server: boolean;
}

const Mask = { value: 0x01, status: 0x02, source: 0x04, server: 0x08 } as const;
const statusBytes = 4;
const timeBytes = 8;
const lengthBytes = 4;

/** What can be encoded: the types of parameters, and that of the qualities that some aggregates give. */
export type ValueType = DataType | "status-code";

/** Bytes of a value behind its type byte. */
const widths: Readonly<Record<ValueType, number>> = {
  boolean: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float: 4,
  double: 8,
  string: lengthBytes,
  "date-time": timeBytes,
  "status-code": statusBytes,
};

/**
 * The body of a HistoryData (OPC 10000-11, 6.6.2; binary encoding of OPC 10000-6, 5.2) straight from columns: no object per
 * value. 0.1 instead of 0.8 to 1.9 us per value.
 */
export function encodeHistoryData(
  segments: readonly Segment[],
  dataType: ValueType,
  stamps: Stamps,
): Buffer<ArrayBuffer> {
  const count = segments.reduce((sum, segment) => sum + segment.count, 0);
  const times = (stamps.source ? timeBytes : 0) + (stamps.server ? timeBytes : 0);
  const bytesPerValue = 2 + widths[dataType] + statusBytes + times;
  const bytes = Buffer.allocUnsafe(lengthBytes + count * bytesPerValue + textBytes(segments, dataType));
  const encoder = new ValueEncoder(bytes, dataType, stamps);
  encoder.start(count);
  for (const segment of segments) encoder.put(segment);
  return encoder.finish();
}

function textBytes(segments: readonly Segment[], dataType: ValueType): number {
  if (dataType !== "string") return 0;
  let size = 0;
  for (const { page, count } of segments) {
    for (let i = 0; i < count; i += 1) size += Buffer.byteLength(page.texts?.[i] ?? "");
  }
  return size;
}

class ValueEncoder {
  readonly #bytes: Buffer<ArrayBuffer>;
  readonly #view: DataView;
  readonly #dataType: ValueType;
  readonly #variantType: number;
  readonly #stamps: Stamps;
  #offset = 0;

  constructor(bytes: Buffer<ArrayBuffer>, dataType: ValueType, stamps: Stamps) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#dataType = dataType;
    this.#variantType = dataType === "status-code" ? UaType.StatusCode : uaTypeOf(dataType);
    this.#stamps = stamps;
  }

  start(count: number): void {
    this.#view.setInt32(0, count, true);
    this.#offset = lengthBytes;
  }

  put({ page, count }: Segment): void {
    const { source, server } = this.#stamps;
    const view = this.#view;
    const common = Mask.value | (source ? Mask.source : 0) | (server ? Mask.server : 0);
    const { times, qualities, serverTimes } = page;
    for (let i = 0; i < count; i += 1) {
      const quality = qualities[i] ?? 0;
      view.setUint8(this.#offset, quality === 0 ? common : common | Mask.status);
      this.#offset += 1;
      this.#putValue(page.values[i] ?? Number.NaN, page.texts?.[i]);
      if (quality !== 0) {
        view.setUint32(this.#offset, quality, true);
        this.#offset += statusBytes;
      }
      const time = times[i] ?? 0;
      if (source) this.#putTime(time);
      if (!server) continue;
      const serverTime = serverTimes?.[i] ?? Number.NaN;
      this.#putTime(Number.isNaN(serverTime) ? time : serverTime);
    }
  }

  finish(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#offset);
  }

  #putValue(value: number, text: string | undefined): void {
    if (Number.isNaN(value) && text === undefined) {
      this.#view.setUint8(this.#offset, UaType.Null);
      this.#offset += 1;
      return;
    }
    this.#view.setUint8(this.#offset, this.#variantType);
    this.#offset += 1;
    switch (this.#dataType) {
      case "double":
        this.#view.setFloat64(this.#offset, value, true);
        break;
      case "float":
        this.#view.setFloat32(this.#offset, value, true);
        break;
      case "string":
        this.#putText(text ?? "");
        return;
      case "int64":
      case "uint64":
        this.#view.setBigInt64(this.#offset, BigInt.asIntN(64, bigintOf(value, text)), true);
        break;
      case "date-time":
        this.#putTime(value);
        return;
      default:
        this.#putInteger(value);
    }
    this.#offset += widths[this.#dataType];
  }

  /** Booleans, and integers of up to 32 bits: setters take the low bits, whatever the sign. */
  #putInteger(value: number): void {
    switch (widths[this.#dataType]) {
      case 1:
        this.#view.setUint8(this.#offset, this.#dataType === "boolean" ? Number(value !== 0) : value);
        break;
      case 2:
        this.#view.setUint16(this.#offset, value, true);
        break;
      default:
        this.#view.setUint32(this.#offset, value, true);
    }
  }

  #putText(text: string): void {
    const written = this.#bytes.write(text, this.#offset + lengthBytes);
    this.#view.setInt32(this.#offset, written, true);
    this.#offset += lengthBytes + written;
  }

  #putTime(time: number): void {
    writeDateTime(this.#view, this.#offset, time);
    this.#offset += timeBytes;
  }
}

function bigintOf(value: number, text: string | undefined): bigint {
  return text === undefined ? BigInt(Math.trunc(value)) : BigInt(text);
}

/** 1601-01-01, the zero of OPC UA's DateTime, in epoch ms. */
const uaEpochMs = -11_644_473_600_000;
const two32 = 0x1_0000_0000;
const ticksPerMs = 10_000;

/** Epoch ms as OPC UA's DateTime: 100 ns since 1601, to the microsecond; in two halves, a double holds less. */
export function writeDateTime(view: DataView, offset: number, time: number): void {
  const since = Math.max(0, time - uaEpochMs);
  const wholeMs = Math.floor(since);
  const highMs = Math.floor(wholeMs / two32);
  const low = (wholeMs - highMs * two32) * ticksPerMs + Math.round((since - wholeMs) * 1000) * 10;
  const carry = Math.floor(low / two32);
  view.setUint32(offset, low - carry * two32, true);
  view.setInt32(offset + 4, highMs * ticksPerMs + carry, true);
}
