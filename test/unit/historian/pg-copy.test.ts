import { describe, expect, it } from "vitest";
import { encodeCopy } from "#historian/codec/pg-copy.ts";
import { columnsOf } from "../../support/history-columns.ts";

describe("encodeCopy", () => {
  it("writes rows as PostgreSQL does", () => {
    const rows = {
      ...columnsOf(7, Date.UTC(2026, 0, 1), [1.5, "ä"]),
      serverTimes: Float64Array.of(Date.UTC(2026, 0, 2), Number.NaN),
    };

    // PostgreSQL 15: COPY (SELECT ...) TO STDOUT (FORMAT binary) of the same two rows.
    const expected =
      "5047434f50590aff0d0a00000000000000000000060000000400000007000000080002ea470ae86000000000083ff80000000000000000000400000000000000080002ea5b28bfc000ffffffff00060000000400000007000000080002ea470ae863e8ffffffff0000000400000000ffffffff00000002c3a4ffff";
    expect(Buffer.from(encodeCopy(rows)).toString("hex")).toBe(expected);
  });
});
