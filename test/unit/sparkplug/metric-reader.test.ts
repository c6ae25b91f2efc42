import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import type { Metric, Payload, Template } from "#transport/sparkplug/codec/payload.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { anyMetric } from "./arbitrary-payload.ts";

const encoder = new PayloadEncoder();
const decoder = new PayloadDecoder();
const reader = new MetricReader();

function read(bytes: Uint8Array): Metric[] {
  expect(decoder.decode(bytes)).toEqual({ ok: true });
  return reader.metrics(decoder);
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** The value of a metric of type `datatype` whose bytes_value is `bytes`. */
function arrayOf(datatype: number, bytes: string): unknown {
  const value = hex(bytes);
  const metric = [0x20, datatype, 0x82, 0x01, value.length, ...value];
  return read(Uint8Array.from([0x12, metric.length, ...metric]))[0]?.value;
}

describe("MetricReader", () => {
  it("reads back whatever the encoder writes: all types, arrays, data sets, templates, properties, metadata", () => {
    fc.assert(
      fc.property(fc.array(anyMetric, { maxLength: 6 }), fc.nat(255), (metrics, seq) => {
        const payload: Payload = { metrics, seq, timestamp: 1_773_042_300_000 };

        expect(read(encoder.encode(payload))).toEqual(metrics);
        expect([decoder.columns.seq, decoder.columns.timestamp]).toEqual([seq, payload.timestamp]);
      }),
      { numRuns: 400 },
    );
  });

  // The examples of section 6.4.17 contradict its rule (big-endian floats, 6-byte times, 0xEF for -23): rule and Tahu win.
  it.each([
    ["Int8Array", SparkplugType.Int8Array, "e9 7b", [-23, 123]],
    ["Int16Array", SparkplugType.Int16Array, "30 8a fe ff", [-30_160, -2]],
    ["UInt32Array", SparkplugType.UInt32Array, "ff ff ff ff", [4_294_967_295]],
    ["Int64Array", SparkplugType.Int64Array, "fb ff ff ff ff ff ff ff", [-5]],
    ["UInt64Array", SparkplugType.UInt64Array, "ff ff ff ff ff ff ff ff", [18_446_744_073_709_551_615n]],
    ["FloatArray", SparkplugType.FloatArray, "00 00 a0 3f 00 00 20 c0", [1.25, -2.5]],
    ["DoubleArray", SparkplugType.DoubleArray, "00 00 00 00 00 00 f4 3f", [1.25]],
    ["BooleanArray", SparkplugType.BooleanArray, "0a 00 00 00 c0 40", [1, 1, 0, 0, 0, 0, 0, 0, 0, 1].map(Boolean)],
    ["StringArray", SparkplugType.StringArray, "41 42 43 00 00 64 00", ["ABC", "", "d"]],
    ["DateTimeArray", SparkplugType.DateTimeArray, "c7 d0 90 4d 7c 01 00 00", [1_633_388_908_743]],
    ["an Int16Array with half an element", SparkplugType.Int16Array, "30 8a fe", undefined],
    ["a BooleanArray shorter than its count", SparkplugType.BooleanArray, "ff 00 00 00 c0", undefined],
    ["a StringArray without its last zero", SparkplugType.StringArray, "41 42", undefined],
  ])("reads %s by the rule of the specification", (_name, datatype, bytes, expected) => {
    expect(arrayOf(datatype, bytes)).toEqual(expected);
  });

  it("stops at eight templates within each other, whatever is below", () => {
    let inner: Template = { isDefinition: false, metrics: [], parameters: [] };
    for (let depth = 0; depth < 20; depth += 1) {
      inner = {
        isDefinition: false,
        parameters: [],
        metrics: [{ name: `t${depth}`, datatype: SparkplugType.Template, value: inner }],
      };
    }
    const bytes = encoder.encode({ metrics: [{ name: "t", datatype: SparkplugType.Template, value: inner }] });

    let value = read(bytes)[0]?.value;
    let depth = 0;
    while (typeof value === "object" && "metrics" in value) {
      value = value.metrics[0]?.value;
      depth += 1;
    }

    expect(depth).toBe(8);
  });

  it("does not read property sets whose keys and values differ in number", () => {
    const [metric] = read(hex("12 0b 0a 01 41 4a 06 0a 01 6b 0a 01 6c"));

    expect(metric).toMatchObject({ name: "A", properties: undefined });
  });
});
