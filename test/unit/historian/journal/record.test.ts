import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSamples, decodeSeries, encodeSamples, encodeSeries } from "#historian/journal/payload.ts";
import { decodeRecord, encodeRecord, RecordKind } from "#historian/journal/record.ts";
import { type SegmentPart, scanSegment } from "#historian/journal/scan-segment.ts";
import { columnsOf, testSeries } from "../../../support/history-columns.ts";

const record = (seq: number, values: readonly (number | string)[]): Uint8Array<ArrayBuffer> =>
  encodeRecord(
    { seq, kind: RecordKind.samples, count: values.length, from: 0, to: values.length },
    encodeSamples(columnsOf(seq, 1000 * seq, values)),
  );

const three = [record(1, [1, 2]), record(2, ["a", "ü"]), record(3, [3])];
const segment = new Uint8Array(Buffer.concat(three));
const starts = [0, three[0]?.length ?? 0, (three[0]?.length ?? 0) + (three[1]?.length ?? 0)];

const seqsOf = (parts: readonly SegmentPart[]): number[] =>
  parts.flatMap((part) => (part.kind === "record" ? [part.record.seq] : []));

describe("records", () => {
  it("give back what was written, texts and server times too", () => {
    const columns = { ...columnsOf(7, 5.25, [1, "zwei", ""]), serverTimes: Float64Array.of(9, Number.NaN, 8) };
    const bytes = encodeRecord({ seq: 4, kind: 1, count: 3, from: 5, to: 7 }, encodeSamples(columns));

    const found = decodeRecord(bytes, 0);

    if (typeof found === "string") expect.fail(found);
    expect(found.end).toBe(bytes.length);
    expect(found.record).toMatchObject({ seq: 4, kind: 1, count: 3, from: 5, to: 7 });
    expect(decodeSamples(found.record.payload, 3)).toEqual(columns);
  });

  it("give back the names of series", () => {
    const named = [3, 900_000].map((number) => ({ number, info: { ...testSeries(number), unit: "°C" } }));
    const [bytes] = [new Uint8Array(Buffer.concat(encodeSeries(named)))];

    expect(decodeSeries(bytes, 2)).toEqual(named);
  });
});

describe("scanSegment", () => {
  it("finds every record that ends before a cut, whatever the byte", () => {
    for (let cut = 0; cut <= segment.length; cut += 1) {
      const parts = [...scanSegment(segment.slice(0, cut))];

      const whole = starts.filter((start, i) => start + (three[i]?.length ?? 0) <= cut).length;
      expect(seqsOf(parts)).toEqual([1, 2, 3].slice(0, whole));
      expect(parts.filter((part) => part.kind === "damage")).toEqual([]);
    }
  });

  it("passes over a record with any one bit flipped and finds all others", () => {
    fc.assert(
      fc.property(fc.nat(segment.length * 8 - 1), (bit) => {
        const bytes = segment.slice();
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));

        const hit = starts.findLastIndex((start) => start <= bit >> 3);
        const parts = [...scanSegment(bytes)];
        expect(seqsOf(parts)).toEqual([1, 2, 3].filter((seq) => seq !== hit + 1));
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws and always ends, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...three))), (pieces) => {
        const parts = [...scanSegment(new Uint8Array(Buffer.concat(pieces)))];
        expect(parts.length).toBeLessThanOrEqual(2 * pieces.length + 1);
      }),
    );
  });
});
