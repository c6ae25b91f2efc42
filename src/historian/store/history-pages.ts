import type { HistoryPage } from "#fleet/ports.ts";
import { type HistoryColumns, sliceColumns } from "#historian/columns.ts";
import type { RawRead } from "./history-store.ts";

const emptyPage: HistoryPage = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  qualities: new Uint32Array(0),
  texts: undefined,
  more: false,
};

/**
 * The page of each read, of rows whose `series` is the place of their read: those of one lie together, one more than its
 * limit tells that there is more.
 */
export function pagesOf(rows: HistoryColumns, reads: readonly RawRead[]): readonly HistoryPage[] {
  const pages: HistoryPage[] = reads.map(() => emptyPage);
  for (let start = 0; start < rows.size; ) {
    const place = rows.series[start] ?? 0;
    let end = start + 1;
    while (end < rows.size && rows.series[end] === place) end += 1;
    const found = end - start;
    pages[place] = pageOf(sliceColumns(rows, start, start + Math.min(found, reads[place]?.limit ?? 0)), found);
    start = end;
  }
  return pages;
}

function pageOf(rows: HistoryColumns, found: number): HistoryPage {
  const { size, times, values, statuses, texts, serverTimes } = rows;
  return {
    times,
    values,
    qualities: new Uint32Array(statuses.buffer, statuses.byteOffset, size),
    texts: texts?.some((text) => text !== undefined) === true ? texts : undefined,
    serverTimes: serverTimes?.some((time) => !Number.isNaN(time)) === true ? serverTimes : undefined,
    more: found > size,
  };
}
