import { ColumnCollector, type HistoryColumns } from "#historian/columns.ts";
import { readTime } from "./pg-time.ts";

/** Bytes before a row: a CopyData message's type and length. */
const messageHeaderBytes = 5;
/** Signature, flags and length of the extension, before the first row. */
const copyHeaderBytes = 19;

/**
 * The rows of a COPY ... TO STDOUT (FORMAT binary) of an int4, ts, value, status, vtext and server_ts, from its CopyData
 * messages as they come; `series` is the int4. Columns straight from the bytes: no object per row.
 */
export class CopyRowsDecoder {
  readonly #rows: ColumnCollector;
  #isFirst = true;

  /** For about `expected` rows. */
  constructor(expected: number) {
    this.#rows = new ColumnCollector(expected);
  }

  /** Takes whole CopyData messages. */
  add(messages: Uint8Array): void {
    const view = new DataView(messages.buffer, messages.byteOffset, messages.byteLength);
    for (let message = 0; message < messages.length; message += 1 + view.getInt32(message + 1)) {
      const row = message + messageHeaderBytes + (this.#isFirst ? copyHeaderBytes : 0);
      this.#isFirst = false;
      // -1 fields: the end.
      if (view.getInt16(row) > 0) this.#addRow(messages, view, row + 2);
    }
  }

  /** The rows so far. */
  take(): HistoryColumns {
    return this.#rows.take();
  }

  /** Each field is its length, -1 for NULL, and its bytes; the first two and the status are never NULL. */
  #addRow(bytes: Uint8Array, view: DataView, start: number): void {
    const series = view.getInt32(start + 4);
    const time = readTime(view, start + 12);
    let offset = start + 20;
    const hasValue = view.getInt32(offset) === 8;
    const value = hasValue ? view.getFloat64(offset + 4) : Number.NaN;
    offset += hasValue ? 12 : 4;
    this.#rows.add(series, time, value, view.getInt32(offset + 4));
    offset += 8;
    const textBytes = view.getInt32(offset);
    offset += 4;
    if (textBytes >= 0) {
      this.#rows.setText(Buffer.from(bytes.buffer, bytes.byteOffset + offset, textBytes).toString("utf8"));
      offset += textBytes;
    }
    if (view.getInt32(offset) === 8) this.#rows.setServerTime(readTime(view, offset + 4));
  }
}
