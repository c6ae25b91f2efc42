import { ColumnCollector, type HistoryColumns } from "#historian/columns.ts";
import type { SeriesInfo } from "#historian/store/history-store.ts";

/** `values` of series `series`, a millisecond apart from `time` on; a string is a text. */
export function columnsOf(series: number, time: number, values: readonly (number | string)[]): HistoryColumns {
  const collector = new ColumnCollector(Math.max(1, values.length));
  for (const [i, value] of values.entries()) {
    collector.add(series, time + i, typeof value === "number" ? value : Number.NaN, 0);
    if (typeof value === "string") collector.setText(value);
  }
  return collector.take();
}

/** One sample of value 1 of series `series` at each of `times`. */
export function rowsOf(series: number, times: readonly number[]): HistoryColumns {
  const columns = columnsOf(
    series,
    0,
    times.map(() => 1),
  );
  columns.times.set(times);
  return columns;
}

/** The name of the series `number` in tests. */
export function testSeries(number: number): SeriesInfo {
  return { key: `D${number}/P`, device: `D${number}`, parameter: "P", dataType: "double", unit: "AMP" };
}
