import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { exactLong, numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { peerPayload, tahu } from "./edge-peer.ts";

const timestamp = Date.UTC(2026, 2, 9, 7, 41);

describe("PayloadEncoder", () => {
  it("writes the same bytes as another implementation", () => {
    const bytes = new PayloadEncoder().encode({
      timestamp,
      seq: 3,
      metrics: [
        { name: "Command/Trip", timestamp, datatype: SparkplugType.Boolean, value: true },
        { name: "Protection/Überlast", alias: 300, timestamp, datatype: SparkplugType.Float, value: 412.5 },
        { name: "Command/Id", datatype: SparkplugType.Int64, value: 1_773_042_300_000 },
        { name: "Count", datatype: SparkplugType.Int32, value: -40 },
        { name: "Text", datatype: SparkplugType.String, value: "" },
      ],
    });

    const expected = peerPayload(
      timestamp,
      [
        { name: "Command/Trip", timestamp, type: "Boolean", value: true },
        { name: "Protection/Überlast", alias: 300, timestamp, type: "Float", value: 412.5 },
        { name: "Command/Id", type: "Int64", value: 1_773_042_300_000 },
        { name: "Count", type: "Int32", value: -40 },
        { name: "Text", type: "String", value: "" },
      ],
      3,
    );
    // The oracle writes an int32 in ten bytes where five carry it.
    expect(tahu.decodePayload(bytes)).toEqual(tahu.decodePayload(expected));
  });

  it("writes what the decoder reads back, for every scalar type", () => {
    const encoder = new PayloadEncoder();
    const decoder = new PayloadDecoder();
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const metric = fc.oneof(
      fc.record({ datatype: fc.constant(SparkplugType.Int64), value: int64 }),
      fc.record({ datatype: fc.constant(SparkplugType.Int32), value: fc.integer() }),
      fc.record({ datatype: fc.constant(SparkplugType.Int8), value: fc.integer({ min: -128, max: 127 }) }),
      fc.record({ datatype: fc.constant(SparkplugType.UInt32), value: fc.nat(0xffffffff) }),
      fc.record({ datatype: fc.constant(SparkplugType.Double), value: fc.double({ noNaN: true }) }),
      fc.record({ datatype: fc.constant(SparkplugType.Float), value: fc.float({ noNaN: true }) }),
      fc.record({ datatype: fc.constant(SparkplugType.String), value: fc.string({ unit: "grapheme" }) }),
    );

    fc.assert(
      fc.property(fc.array(metric, { maxLength: 40 }), (metrics: Metric[]) => {
        expect(decoder.decode(encoder.encode({ metrics, timestamp }))).toEqual({ ok: true });
        const { columns } = decoder;
        const values = metrics.map(({ datatype = 0 }, i) => {
          if (datatype === SparkplugType.String) return decoder.textOf(i);
          if (datatype === SparkplugType.Int64) {
            return BigInt(exactLong(columns.lows[i] ?? 0, columns.highs[i] ?? 0, datatype));
          }
          return numberOf(columns, i, datatype);
        });
        expect(values).toEqual(metrics.map(({ value }) => value));
      }),
      { numRuns: 300, examples: [[[{ datatype: SparkplugType.Int64, value: 0n }]]] },
    );
  });
});
