import type { HistoryColumns } from "#historian/columns.ts";
import { writeTime } from "./pg-time.ts";

/** The columns that encodeCopy writes, in its order. */
export const copyColumns = "series_id, ts, value, status, server_ts, vtext";

// PostgreSQL manual, COPY, binary format: signature, flags, length of the extension.
const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const fieldCount = 6;
/** Field count, then series, time and status with their lengths, and the lengths of the three that may be NULL. */
const rowBytes = 2 + 8 + 12 + 8 + 3 * 4;

/** Rows as PostgreSQL's COPY ... BINARY reads them; NaN and undefined become NULL. */
export function encodeCopy(rows: HistoryColumns): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(rows));
  const text = Buffer.from(bytes.buffer);
  const view = new DataView(bytes.buffer);
  bytes.set(header);
  let offset = header.length;
  for (let i = 0; i < rows.size; i += 1) {
    view.setInt16(offset, fieldCount);
    view.setInt32(offset + 2, 4);
    view.setInt32(offset + 6, rows.series[i] ?? 0);
    view.setInt32(offset + 10, 8);
    writeTime(view, offset + 14, rows.times[i] ?? Number.NaN);
    offset = putNumber(view, offset + 22, rows.values[i] ?? Number.NaN);
    view.setInt32(offset, 4);
    view.setInt32(offset + 4, rows.statuses[i] ?? 0);
    offset = putTime(view, offset + 8, rows.serverTimes?.[i] ?? Number.NaN);
    const value = rows.texts?.[i];
    const written = value === undefined ? -1 : text.write(value, offset + 4);
    view.setInt32(offset, written);
    offset += 4 + Math.max(0, written);
  }
  view.setInt16(offset, -1);
  return bytes;
}

function sizeOf(rows: HistoryColumns): number {
  let size = header.length + rows.size * rowBytes + 2;
  for (const value of rows.values) if (!Number.isNaN(value)) size += 8;
  for (const time of rows.serverTimes ?? []) if (!Number.isNaN(time)) size += 8;
  for (const text of rows.texts ?? []) size += Buffer.byteLength(text ?? "");
  return size;
}

function putNumber(view: DataView, offset: number, value: number): number {
  if (Number.isNaN(value)) return putNull(view, offset);
  view.setInt32(offset, 8);
  view.setFloat64(offset + 4, value);
  return offset + 12;
}

function putTime(view: DataView, offset: number, time: number): number {
  if (Number.isNaN(time)) return putNull(view, offset);
  view.setInt32(offset, 8);
  writeTime(view, offset + 4, time);
  return offset + 12;
}

function putNull(view: DataView, offset: number): number {
  view.setInt32(offset, -1);
  return offset + 4;
}
