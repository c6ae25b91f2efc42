import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparkplugType, typeNameOf } from "#transport/sparkplug/codec/data-type.ts";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import type { DataSet, Metric, Template } from "#transport/sparkplug/codec/payload.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { scalarMetric } from "./arbitrary-payload.ts";
import { type PeerMetric, peerPayload, tahu } from "./edge-peer.ts";

const timestamp = Date.UTC(2026, 2, 9, 7, 41);

function ours(bytes: Uint8Array): Metric[] {
  const decoder = new PayloadDecoder();
  expect(decoder.decode(bytes)).toEqual({ ok: true });
  return new MetricReader().metrics(decoder);
}

interface Long {
  toString(): string;
}

/** The other codec's value in our words: its 64-bit integers are Long objects. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("low" in value)) return value;
  const exact = BigInt((value as Long).toString());
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

/** Types that sparkplug-payload decodes without losing sign or value. */
const sound = new Set<number>([
  SparkplugType.Int32,
  SparkplugType.UInt8,
  SparkplugType.UInt16,
  SparkplugType.UInt64,
  SparkplugType.Float,
  SparkplugType.Double,
  SparkplugType.Boolean,
  SparkplugType.String,
  SparkplugType.DateTime,
  SparkplugType.Text,
]);

const soundMetric = scalarMetric.filter(({ datatype = 0 }) => sound.has(datatype));

describe("our codec and sparkplug-payload", () => {
  it("agree on what we encode", () => {
    fc.assert(
      fc.property(fc.array(soundMetric, { maxLength: 10 }), (metrics) => {
        const theirs = tahu.decodePayload(new PayloadEncoder().encode({ metrics, timestamp, seq: 5 })).metrics ?? [];

        expect(theirs.map(({ name, type, value }) => [name, type, plain(value)])).toEqual(
          metrics.map(({ name, datatype = 0, value }) => [name, typeNameOf(datatype), value]),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("agree on what it encodes", () => {
    const encodable = soundMetric.filter(({ value }) => typeof value !== "bigint");
    fc.assert(
      fc.property(fc.array(encodable, { maxLength: 10 }), (metrics) => {
        const words = metrics.map(({ name, datatype = 0, value }) => ({ name, type: typeNameOf(datatype), value }));
        const bytes = peerPayload(timestamp, words as PeerMetric[], 5);

        expect(ours(bytes).map(({ name, datatype, value }) => ({ name, datatype, value }))).toEqual(metrics);
      }),
      { numRuns: 200 },
    );
  });

  it("agree on data sets, templates and properties", () => {
    const table: DataSet = {
      columns: ["order", "percent", "name"],
      types: [SparkplugType.UInt32, SparkplugType.Double, SparkplugType.String],
      rows: [
        [3, 4.5, "third"],
        [5, 2.25, "fifth"],
      ],
    };
    const breaker: Template = {
      version: "1",
      reference: "breaker",
      isDefinition: false,
      metrics: [{ name: "current", datatype: SparkplugType.Float, timestamp, value: 1.5 }],
      parameters: [{ name: "poles", datatype: SparkplugType.String, value: "three" }],
    };
    const bytes = peerPayload(timestamp, [
      {
        name: "harmonics",
        type: "DataSet",
        value: {
          numOfColumns: 3,
          columns: ["order", "percent", "name"],
          types: ["UInt32", "Double", "String"],
          rows: [
            [3, 4.5, "third"],
            [5, 2.25, "fifth"],
          ],
        },
      },
      {
        name: "breaker-1",
        type: "Template",
        value: {
          version: "1",
          templateRef: "breaker",
          isDefinition: false,
          metrics: [{ name: "current", type: "Float", timestamp, value: 1.5 }],
          parameters: [{ name: "poles", type: "String", value: "three" }],
        },
        properties: { engUnit: { type: "String", value: "A" }, engHigh: { type: "Double", value: 630 } },
      },
    ]);

    const [harmonics, instance] = ours(bytes);

    expect(harmonics?.value).toEqual(table);
    expect(instance?.value).toMatchObject({ ...breaker, metrics: [{ name: "current", value: 1.5, timestamp }] });
    expect([...(instance?.properties ?? [])]).toEqual([
      ["engUnit", { datatype: SparkplugType.String, value: "A" }],
      ["engHigh", { datatype: SparkplugType.Double, value: 630 }],
    ]);
    const again = tahu.decodePayload(
      new PayloadEncoder().encode({
        metrics: [{ name: "breaker-1", datatype: SparkplugType.Template, value: breaker }],
        timestamp,
      }),
    );
    expect(again.metrics?.[0]?.value).toMatchObject({
      version: "1",
      templateRef: "breaker",
      isDefinition: false,
      metrics: [{ name: "current", type: "Float", value: 1.5 }],
      parameters: [{ name: "poles", type: "String", value: "three" }],
    });
  });

  // What makes it unfit for a host: each of these is null or wrong there.
  it.each([
    ["a value without datatype", "12 07 10 07 65 00 00 26 42", null, 41.5],
    ["an Int8 of -1 sent as one byte", "12 08 0a 01 41 20 01 50 ff 01", 255, -1],
    ["a UInt32 sent as int_value", "12 07 0a 01 41 20 07 50 2a", null, 42],
    ["an array", "12 0c 0a 01 41 20 1e 82 01 04 00 00 c0 3f", null, [1.5]],
  ])("differ on %s, where ours is right", (_case, hex, theirs, right) => {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");

    expect(plain(tahu.decodePayload(bytes).metrics?.[0]?.value ?? null)).toEqual(theirs);
    expect(ours(bytes)[0]?.value).toEqual(right);
  });

  it("differ on a data set with an Int32 column, which loses the whole message there", () => {
    const value: DataSet = { columns: ["a"], types: [SparkplugType.Int32], rows: [[-3]] };
    const bytes = new PayloadEncoder().encode({ metrics: [{ name: "t", datatype: SparkplugType.DataSet, value }] });

    expect(() => tahu.decodePayload(bytes)).toThrow();
    expect(ours(bytes)[0]?.value).toEqual(value);
  });
});
