import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFloat8Array,
  decodeInt4Array,
  decodeTextArray,
  decodeTimeArray,
  encodeFloat8Array,
  encodeInt4Array,
  encodeTextArray,
  encodeTimeArray,
} from "#historian/codec/pg-array.ts";
import { earliestTime, latestTime, nextInstant } from "#historian/codec/pg-time.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// Golden bytes: PostgreSQL 15, `SELECT encode(array_send(...), 'hex')`.
describe("binary arrays", () => {
  it("writes int4[] as PostgreSQL does", () => {
    expect(hex(encodeInt4Array(Int32Array.of(1, -2)))).toBe(
      "0000000100000000000000170000000200000001000000040000000100000004fffffffe",
    );
  });

  it("writes an empty array as PostgreSQL does", () => {
    expect(hex(encodeInt4Array(new Int32Array(0)))).toBe("000000000000000000000017");
  });

  it("writes float8[] with NULL for NaN", () => {
    expect(hex(encodeFloat8Array(Float64Array.of(1.5, Number.NaN)))).toBe(
      "0000000100000001000002bd0000000200000001000000083ff8000000000000ffffffff",
    );
  });

  it("writes timestamptz[] in microseconds since 2000", () => {
    // '2026-01-01 00:00:00.123456+00' and '1999-12-31 23:59:59.999+00'
    const times = Float64Array.of(Date.UTC(2026, 0, 1) + 123.456, Date.UTC(2000, 0, 1) - 1);
    expect(hex(encodeTimeArray(times))).toBe(
      "0000000100000000000004a00000000200000001000000080002ea470aea424000000008fffffffffffffc18",
    );
  });

  it("writes text[] with NULL for undefined", () => {
    expect(hex(encodeTextArray(["ä", undefined, ""]))).toBe(
      "000000010000000100000019000000030000000100000002c3a4ffffffff00000000",
    );
  });

  it("reads back every number, text and time to the millisecond", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer(),
            fc.double(),
            fc.integer({ min: earliestTime, max: latestTime }),
            fc.option(fc.string(), { nil: undefined }),
          ),
        ),
        (rows) => {
          const integers = Int32Array.from(rows, (row) => row[0]);
          const numbers = Float64Array.from(rows, (row) => row[1]);
          const times = Float64Array.from(rows, (row) => row[2]);
          const texts = rows.map((row) => row[3]);

          expect(decodeInt4Array(encodeInt4Array(integers))).toEqual(integers);
          expect(decodeFloat8Array(encodeFloat8Array(numbers))).toEqual(numbers);
          expect(decodeTimeArray(encodeTimeArray(times))).toEqual(times);
          expect(decodeTextArray(encodeTextArray(texts))).toEqual(texts);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("nextInstant", () => {
  it("is the smallest step forward that the store can tell", () => {
    expect(nextInstant(1000)).toBe(1000.001);
    expect(nextInstant(1000.001)).toBe(1000.002);
    expect(nextInstant(latestTime)).toBeGreaterThan(latestTime);
  });
});
