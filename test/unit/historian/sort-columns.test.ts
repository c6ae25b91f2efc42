import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ColumnCollector } from "#historian/columns.ts";
import { sortColumns } from "#historian/sort-columns.ts";

interface Row {
  readonly series: number;
  readonly time: number;
  readonly value: number;
  readonly text: string | undefined;
}

function columnsOf(rows: readonly Row[]) {
  const collector = new ColumnCollector(4);
  for (const row of rows) {
    collector.add(row.series, row.time, row.value, 0x80000000);
    if (row.text !== undefined) collector.setText(row.text);
  }
  return collector.take();
}

/** The plain meaning: the last row of each (id, time), in order. */
function expected(rows: readonly Row[], ids: Int32Array) {
  const last = new Map<string, readonly [number, number, number, string | undefined]>();
  for (const row of rows) {
    const id = ids[row.series] ?? 0;
    last.set(`${id} ${row.time}`, [id, row.time, row.value, row.text]);
  }
  return [...last.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

const rowArbitrary = fc.record({
  series: fc.integer({ min: 0, max: 3 }),
  time: fc.integer({ min: 0, max: 9 }),
  value: fc.double({ noNaN: true }),
  text: fc.option(fc.string(), { nil: undefined }),
});

describe("sortColumns", () => {
  it.each([
    ["ids that lie close together", Int32Array.of(12, 10, 11, 13)],
    ["ids that lie far apart", Int32Array.of(2_000_000_000, 5, 900_000_000, 70)],
  ])("orders by id and time and keeps the last of equal ones, with %s", (_name, ids) => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { maxLength: 60 }), (rows) => {
        const sorted = sortColumns(columnsOf(rows), ids);

        const found = Array.from({ length: sorted.size }, (_, i) => [
          sorted.series[i],
          sorted.times[i],
          sorted.values[i],
          sorted.texts?.[i],
        ]);
        expect(found).toEqual(expected(rows, ids));
      }),
      { numRuns: 200 },
    );
  });

  it("moves status and server time along with their sample", () => {
    const collector = new ColumnCollector(2);
    collector.add(0, 20, 2, 0x80310000);
    collector.setServerTime(99);
    collector.add(0, 10, 1, 0);

    const sorted = sortColumns(collector.take(), Int32Array.of(7));

    expect([...sorted.statuses]).toEqual([0, 0x80310000 | 0]);
    expect([...(sorted.serverTimes ?? [])]).toEqual([Number.NaN, 99]);
  });
});
