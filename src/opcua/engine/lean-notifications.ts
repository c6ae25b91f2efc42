import { DataType, type DataValue, MonitoredItemNotification, VariantArrayType } from "node-opcua";

/** What node-opcua's BinaryStream and BinaryStreamSizeCalculator both can (2.186.4). */
export interface WireSink {
  writeUInt8(value: number): void;
  writeInt8(value: number): void;
  writeUInt16(value: number): void;
  writeInt16(value: number): void;
  writeUInt32(value: number): void;
  writeInteger(value: number): void;
  writeFloat(value: number): void;
  writeDouble(value: number): void;
}

interface NotificationInternals {
  clientHandle: number;
  value: DataValue;
  encode(stream: WireSink): void;
}

/** Bits of the encoding byte of a DataValue (OPC 10000-6, 5.2.2.17). */
const has = { value: 1, status: 2, sourceTime: 4, serverTime: 8 } as const;

let installed = false;

/**
 * Encodes notifications of plain values without node-opcua's generic way, which calculates every timestamp with a library
 * for 64-bit numbers: 0.4 instead of 1.5 us. Anything else goes the stock way. Affects every server of the process.
 */
export function installLeanNotifications(): void {
  if (installed) return;
  installed = true;
  const prototype = MonitoredItemNotification.prototype as unknown as NotificationInternals;
  const { encode } = prototype;
  prototype.encode = function (stream) {
    if (!isPlain(this.value)) {
      encode.call(this, stream);
      return;
    }
    stream.writeUInt32(this.clientHandle);
    writePlain(stream, this.value);
  };
}

/** True for a scalar of a fixed size (or no value) whose times fit the encoding. */
export function isPlain(dataValue: DataValue): boolean {
  const { value: variant } = dataValue;
  return (
    !dataValue.sourcePicoseconds &&
    !dataValue.serverPicoseconds &&
    isPlainTime(dataValue.sourceTimestamp) &&
    isPlainTime(dataValue.serverTimestamp) &&
    variant.arrayType === VariantArrayType.Scalar &&
    (variant.dataType === DataType.Null || variant.dataType in writers)
  );
}

/** Writes a DataValue for which `isPlain` holds (OPC 10000-6, 5.2.2.17). */
export function writePlain(stream: WireSink, dataValue: DataValue): void {
  const { value: variant, sourceTimestamp, serverTimestamp } = dataValue;
  const status = dataValue.statusCode.value;
  const write = writers[variant.dataType];
  stream.writeUInt8(
    (write === undefined ? 0 : has.value) |
      (status === 0 ? 0 : has.status) |
      (sourceTimestamp === null ? 0 : has.sourceTime) |
      (serverTimestamp === null ? 0 : has.serverTime),
  );
  if (write !== undefined) {
    stream.writeUInt8(variant.dataType);
    write(stream, variant.value as number);
  }
  if (status !== 0) stream.writeUInt32(status);
  if (sourceTimestamp !== null) writeTime(stream, sourceTimestamp.getTime());
  if (serverTimestamp !== null) writeTime(stream, serverTimestamp.getTime());
}

type ScalarWriter = (stream: WireSink, value: number) => void;

/** By DataType. */
const writers: Readonly<Record<number, ScalarWriter>> = {
  [DataType.Boolean]: (stream, value) => stream.writeUInt8(value ? 1 : 0),
  [DataType.SByte]: (stream, value) => stream.writeInt8(value),
  [DataType.Byte]: (stream, value) => stream.writeUInt8(value),
  [DataType.Int16]: (stream, value) => stream.writeInt16(value),
  [DataType.UInt16]: (stream, value) => stream.writeUInt16(value),
  [DataType.Int32]: (stream, value) => stream.writeInteger(value),
  [DataType.UInt32]: (stream, value) => stream.writeUInt32(value),
  [DataType.Float]: (stream, value) => stream.writeFloat(value),
  [DataType.Double]: (stream, value) => stream.writeDouble(value),
};

/** Milliseconds from 1601-01-01, where DateTime begins, to 1970-01-01 (OPC 10000-6, 5.2.2.5). */
const epochOffsetMs = 11_644_473_600_000;
/** 9999-12-31T23:59:59Z: later ones are encoded as "never". */
const latestMs = 253_402_300_799_000;

function isPlainTime(time: Date | null | undefined): boolean {
  if (time === null) return true;
  const ms = time?.getTime() ?? Number.NaN;
  return ms > 0 && ms < latestMs;
}

let lastMs = -1;
let lastLow = 0;
let lastHigh = 0;

/** Writes a DateTime: 100 ns ticks since 1601 as 64 bits; neighbours mostly have the same time. */
function writeTime(stream: WireSink, ms: number): void {
  if (ms !== lastMs) {
    const since1601 = ms + epochOffsetMs;
    // 10,000 ticks per ms, in two parts that a double holds exactly.
    const upper = Math.floor(since1601 / 0x1000000) * 10_000;
    const lower = (since1601 % 0x1000000) * 10_000;
    const low = (upper % 0x100) * 0x1000000 + lower;
    lastLow = low % 0x100000000;
    lastHigh = Math.floor(upper / 0x100) + Math.floor(low / 0x100000000);
    lastMs = ms;
  }
  stream.writeUInt32(lastLow);
  stream.writeUInt32(lastHigh);
}
