import {
  DataType,
  DataValue,
  MonitoredItemNotification,
  StatusCodes,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import { describe, expect, it } from "vitest";
import { isPlain, type WireSink, writePlain } from "#opcua/engine/lean-notifications.ts";

/** Keeps what is written; little endian as the wire. */
class Bytes implements WireSink {
  readonly parts: Buffer[] = [];
  #put(length: number, write: (buffer: Buffer) => void): void {
    const buffer = Buffer.alloc(length);
    write(buffer);
    this.parts.push(buffer);
  }
  writeUInt8 = (value: number): void => this.#put(1, (to) => to.writeUInt8(value));
  writeInt8 = (value: number): void => this.#put(1, (to) => to.writeInt8(value));
  writeUInt16 = (value: number): void => this.#put(2, (to) => to.writeUInt16LE(value));
  writeInt16 = (value: number): void => this.#put(2, (to) => to.writeInt16LE(value));
  writeUInt32 = (value: number): void => this.#put(4, (to) => to.writeUInt32LE(value));
  writeInteger = (value: number): void => this.#put(4, (to) => to.writeInt32LE(value));
  writeFloat = (value: number): void => this.#put(4, (to) => to.writeFloatLE(value));
  writeDouble = (value: number): void => this.#put(8, (to) => to.writeDoubleLE(value));
  get hex(): string {
    return Buffer.concat(this.parts).toString("hex");
  }
}

const scalars: readonly VariantOptions[] = [
  { dataType: DataType.Null },
  { dataType: DataType.Boolean, value: true },
  { dataType: DataType.Boolean, value: false },
  { dataType: DataType.SByte, value: -128 },
  { dataType: DataType.Byte, value: 255 },
  { dataType: DataType.Int16, value: -32_768 },
  { dataType: DataType.UInt16, value: 65_535 },
  { dataType: DataType.Int32, value: -2_147_483_648 },
  { dataType: DataType.UInt32, value: 4_294_967_295 },
  { dataType: DataType.Float, value: 1.5 },
  { dataType: DataType.Float, value: Number.POSITIVE_INFINITY },
  { dataType: DataType.Double, value: Math.PI },
  { dataType: DataType.Double, value: Number.NaN },
];

const times = [
  1,
  999,
  1_700_000_000_000,
  1_700_000_000_001,
  2 ** 31 * 1000,
  253_402_300_798_999,
  16_777_215,
  16_777_216,
];

function stockBytes(value: DataValue): string {
  const bytes = new Bytes();
  value.encode(bytes as never);
  return bytes.hex;
}

function leanBytes(value: DataValue): string {
  const bytes = new Bytes();
  writePlain(bytes, value);
  return bytes.hex;
}

describe("the lean encoding of notifications", () => {
  it("writes the very bytes that node-opcua writes, for every scalar type, status and time", () => {
    let compared = 0;
    for (const variant of scalars) {
      for (const statusCode of [
        StatusCodes.Good,
        StatusCodes.UncertainLastUsableValue,
        StatusCodes.BadNoCommunication,
      ]) {
        for (const ms of times) {
          for (const [source, server] of [
            [ms, ms],
            [ms, undefined],
            [undefined, ms],
            [undefined, undefined],
          ]) {
            const value = new DataValue({
              value: variant,
              statusCode,
              sourceTimestamp: source === undefined ? null : new Date(source),
              serverTimestamp: server === undefined ? null : new Date(server),
            });
            expect(isPlain(value)).toBe(true);
            expect(leanBytes(value)).toBe(stockBytes(value));
            compared += 1;
          }
        }
      }
    }
    expect(compared).toBe(scalars.length * 3 * times.length * 4);
  });

  it("leaves everything else to node-opcua: texts, arrays, 64-bit values, picoseconds, times without a place", () => {
    const of = (value: VariantOptions, more: object = {}): DataValue => new DataValue({ value, ...more });
    const others = [
      of({ dataType: DataType.String, value: "x" }),
      of({ dataType: DataType.Int64, arrayType: VariantArrayType.Scalar, value: [0, 1] }),
      of({ dataType: DataType.LocalizedText, value: { text: "x" } }),
      of({ dataType: DataType.Float, arrayType: VariantArrayType.Array, value: new Float32Array([1, 2]) }),
      of({ dataType: DataType.Float, value: 1 }, { sourceTimestamp: new Date(5), sourcePicoseconds: 100_000 }),
      of({ dataType: DataType.Float, value: 1 }, { sourceTimestamp: new Date(-1) }),
      of({ dataType: DataType.Float, value: 1 }, { serverTimestamp: new Date(Number.NaN) }),
    ];

    expect(others.map(isPlain)).toEqual(others.map(() => false));
  });

  it("relies on notifications that hold a client handle and a DataValue", () => {
    const notification = new MonitoredItemNotification({ clientHandle: 7, value: new DataValue({}) });

    expect(notification.clientHandle).toBe(7);
    expect(notification.value).toBeInstanceOf(DataValue);
    expect(Object.keys(new MonitoredItemNotification()).sort()).toEqual(["clientHandle", "value"]);
  });
});
