import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { MetricFlag } from "#transport/sparkplug/codec/metric-columns.ts";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import { numberOf, wideDigitsOf } from "#transport/sparkplug/codec/metric-value.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { type PeerMetric, peerPayload } from "./edge-peer.ts";

const timestamp = Date.UTC(2026, 2, 9, 7, 41);

function decoded(bytes: Uint8Array): PayloadDecoder {
  const decoder = new PayloadDecoder();
  expect(decoder.decode(bytes)).toEqual({ ok: true });
  return decoder;
}

/** Bytes written as hex with blanks: the form of the message table's examples. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

describe("PayloadDecoder", () => {
  it("reads what another implementation wrote: names, aliases, times, types and values", () => {
    const metrics: PeerMetric[] = [
      { name: "Breaker/CurrentPhaseA", alias: 11, timestamp, type: "Float", value: 41.5 },
      { name: "Breaker/TripCount", timestamp, type: "Int32", value: -7 },
      { name: "Device/Uptime", timestamp, type: "UInt64", value: 123_456_789_012 },
      { name: "Device/Type", timestamp, type: "String", value: "fdi-host/lsig-mccb" },
      { name: "Breaker/Tripped", timestamp, type: "Boolean", value: true },
      { name: "Überlast/Ω", timestamp, type: "Double", value: -0.25 },
    ];

    const decoder = decoded(peerPayload(timestamp, metrics, 200));

    const { columns } = decoder;
    expect([columns.timestamp, columns.seq, columns.size]).toEqual([timestamp, 200, 6]);
    expect(columns.names.slice(0, 6)).toEqual(metrics.map(({ name }) => name));
    expect(Array.from(columns.aliases).slice(0, 2)).toEqual([11, -1]);
    expect(Array.from(columns.times).slice(0, 6)).toEqual(Array.from({ length: 6 }, () => timestamp));
    const numbers = [0, 1, 2, 4, 5].map((i) => numberOf(columns, i, columns.datatypes[i] ?? 0));
    expect(numbers).toEqual([41.5, -7, 123_456_789_012, 1, -0.25]);
    expect(decoder.textOf(3)).toBe("fdi-host/lsig-mccb");
  });

  it("reads a value without a datatype, as the specification recommends for DATA", () => {
    const { columns } = decoded(hex("12 09 10 0b 5d 00 00 00 00 50 05"));

    expect([columns.aliases[0], numberOf(columns, 0, SparkplugType.Int32)]).toEqual([11, 5]);
  });

  it.each([
    ["Int8 as one byte", SparkplugType.Int8, "50 80 01", -128],
    ["Int8 as 32 bits", SparkplugType.Int8, "50 ff ff ff ff 0f", -1],
    ["Int16 as 64 bits", SparkplugType.Int16, "58 fe ff ff ff ff ff ff ff ff 01", -2],
    ["Int32 as 64 bits", SparkplugType.Int32, "50 fb ff ff ff ff ff ff ff ff 01", -5],
    ["Int64", SparkplugType.Int64, "58 fb ff ff ff ff ff ff ff ff 01", -5],
    ["UInt32 in the int field", SparkplugType.UInt32, "50 ff ff ff ff 0f", 4_294_967_295],
    ["UInt32 in the long field", SparkplugType.UInt32, "58 ff ff ff ff 0f", 4_294_967_295],
    ["an int where a Double was declared", SparkplugType.Double, "50 2a", 42],
    ["a Boolean as int", SparkplugType.Boolean, "50 01", 1],
    ["no value at all", SparkplugType.Int32, "", 0],
  ])("takes the wire type from the field and the meaning from the BIRTH: %s", (_case, datatype, value, expected) => {
    const body = hex(`0a 01 41 ${value}`);

    const { columns } = decoded(Uint8Array.from([0x12, body.length, ...body]));

    expect(numberOf(columns, 0, datatype)).toBe(expected);
  });

  it("keeps 64-bit integers exact beyond 2^53", () => {
    const { columns } = decoded(hex("12 0e 0a 01 41 58 ff ff ff ff ff ff ff ff ff 01"));

    expect(wideDigitsOf(columns, 0, SparkplugType.UInt64)).toBe("18446744073709551615");
    expect(wideDigitsOf(columns, 0, SparkplugType.Int64)).toBeUndefined();
  });

  it("reads the flags, and a null without a value", () => {
    const { columns } = decoded(hex("12 09 0a 01 41 28 01 30 01 38 01"));

    expect(columns.flags[0]).toBe(MetricFlag.historical | MetricFlag.transient | MetricFlag.null);
  });

  it("unfolds a compressed payload and takes seq and timestamp from the inner one", () => {
    const inner = peerPayload(timestamp, [{ name: "a", type: "Int32", value: 3 }], 17);
    const algorithm = { name: "algorithm", datatype: SparkplugType.String, value: "GZIP" };
    const outer = new PayloadEncoder().encode({
      metrics: [algorithm],
      uuid: "SPBV1.0_COMPRESSED",
      body: gzipSync(inner),
    });

    const { columns } = decoded(outer);

    expect([columns.size, columns.seq, columns.timestamp]).toEqual([1, 17, timestamp]);
  });

  it.each([
    ["an algorithm that it does not know", "ZSTD", gzipSync(Buffer.alloc(3)), /compression "ZSTD" is unknown/],
    ["a body that is none of that kind", "GZIP", Buffer.from("nonsense"), /^compressed body: /],
    ["a body cut short", "GZIP", gzipSync(Buffer.alloc(300)).subarray(0, 20), /^compressed body: /],
  ])("calls a payload compressed with %s malformed", (_case, value, body, detail) => {
    const algorithm = { name: "algorithm", datatype: SparkplugType.String, value };
    const outer = new PayloadEncoder().encode({ metrics: [algorithm], uuid: "SPBV1.0_COMPRESSED", body });

    const result = new PayloadDecoder().decode(outer);

    expect(result).toMatchObject({ ok: false, reason: "malformed", detail: expect.stringMatching(detail) as string });
  });

  it("reads more metrics than it had room for, and none of the message before", () => {
    const metrics = Array.from({ length: 500 }, (_, i) => ({
      name: `m${i}`,
      alias: i * 1000,
      timestamp: timestamp + i,
      datatype: i % 2 === 0 ? SparkplugType.Int64 : SparkplugType.Double,
      isTransient: i % 3 === 0,
      value: i * 1_000_003,
      properties: new Map([["Quality", { datatype: SparkplugType.Int32, value: i }]]),
      metadata: { size: i },
    }));
    const decoder = decoded(new PayloadEncoder().encode({ metrics, timestamp }));

    const read = new MetricReader().metrics(decoder);

    expect(read).toMatchObject(metrics);
    expect(decoder.decode(hex("12 03 0a 01 41"))).toEqual({ ok: true });
    expect(new MetricReader().metrics(decoder)).toMatchObject([
      { name: "A", alias: undefined, timestamp: undefined, value: 0 },
    ]);
  });

  it("refuses a compressed payload that unfolds beyond the limit", () => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const algorithm = { name: "algorithm", datatype: SparkplugType.String, value: "GZIP" };
    const outer = new PayloadEncoder().encode({ metrics: [algorithm], uuid: "SPBV1.0_COMPRESSED", body: bomb });

    const result = new PayloadDecoder().decode(outer);

    expect(result).toEqual({ ok: false, reason: "oversized", detail: "unfolds to more than 1048576 bytes" });
  });

  it("refuses more bytes and more metrics than its limits", () => {
    const decoder = new PayloadDecoder({ maxBytes: 8, maxMetrics: 2, maxInflatedBytes: 8 });

    expect(decoder.decode(new Uint8Array(9))).toMatchObject({ ok: false, reason: "oversized" });
    expect(decoder.decode(hex("12 00 12 00 12 00"))).toMatchObject({ ok: false, reason: "oversized" });
    expect(decoder.columns.size).toBe(0);
  });

  it.each([
    ["text", Buffer.from('{"event":"trip"}')],
    ["a metric longer than the message", hex("12 7f 0a 01 41")],
    ["a name longer than its metric", hex("12 04 0a 7f 41 42 0a 01 41")],
    ["an endless varint", hex("08 ff ff ff ff ff ff ff ff ff ff ff 01")],
    ["a float cut short", hex("12 04 65 00 00 00")],
    ["a group", hex("0b 0c")],
  ])("calls %s malformed", (_case, bytes) => {
    expect(new PayloadDecoder().decode(bytes)).toMatchObject({ ok: false, reason: "malformed" });
  });

  it("skips fields that it does not know", () => {
    const { columns } = decoded(hex("f8 07 05 fa 07 02 01 02 12 07 fd 07 00 00 80 3f 50 07".replace("12 07", "12 08")));

    expect([columns.size, numberOf(columns, 0, SparkplugType.Int32)]).toEqual([1, 7]);
  });

  it("never throws and never reads beyond its limits, whatever the bytes", () => {
    const decoder = new PayloadDecoder();
    const valid = peerPayload(timestamp, [{ name: "a/b", alias: 3, type: "Double", value: 1.5, timestamp }], 9);
    const mutated = fc
      .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length))
      .map(([at, byte, length]) => Uint8Array.from(valid.slice(0, length)).fill(byte, at, at + 1));

    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
        const result = decoder.decode(bytes);
        expect(decoder.columns.size).toBeLessThanOrEqual(result.ok ? bytes.length / 2 : 0);
      }),
      { numRuns: 2000 },
    );
  });
});
