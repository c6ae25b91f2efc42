import { type ExportTable, type ExportType, isoTime } from "./export-table.ts";

type Cell = number | string | undefined;
const utf8 = new TextEncoder();

/**
 * The table as CSV (RFC 4180) with a header; a cell without value is empty. Texts that a spreadsheet would take for a formula
 * begin with an apostrophe.
 */
export async function* csvOf(table: ExportTable): AsyncGenerator<Uint8Array> {
  yield utf8.encode(`${table.columns.map(({ name }) => name).join(",")}\r\n`);
  const writers = table.columns.map(({ type }) => csvCells[type]);
  for await (const { size, cells } of table.parts) {
    let text = "";
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < cells.length; column += 1) {
        if (column > 0) text += ",";
        text += writers[column]?.(cells[column]?.[row]) ?? "";
      }
      text += "\r\n";
    }
    yield utf8.encode(text);
  }
}

/** The table as a JSON array with an object per row, each on a line of its own; a cell without value is null. */
export async function* jsonOf(table: ExportTable): AsyncGenerator<Uint8Array> {
  const heads = table.columns.map(({ name }, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  const writers = table.columns.map(({ type }) => jsonCells[type]);
  let before = "[\n";
  for await (const { size, cells } of table.parts) {
    let text = "";
    for (let row = 0; row < size; row += 1) {
      text += before;
      before = ",\n";
      for (let column = 0; column < cells.length; column += 1) {
        text += `${heads[column]}${writers[column]?.(cells[column]?.[row]) ?? "null"}`;
      }
      text += "}";
    }
    yield utf8.encode(text);
  }
  yield utf8.encode(before === "[\n" ? "[]\n" : "\n]\n");
}

const isNothing = (cell: Cell): cell is undefined => cell === undefined || Number.isNaN(cell);

const csvCells: Readonly<Record<ExportType, (cell: Cell) => string>> = {
  time: (cell) => (isNothing(cell) ? "" : isoTime(Number(cell))),
  number: (cell) => (isNothing(cell) ? "" : String(cell)),
  status: (cell) => (isNothing(cell) ? "" : String(cell)),
  text: (cell) => (isNothing(cell) ? "" : quoted(String(cell))),
};

/** What makes a spreadsheet compute a cell, in ASCII and in full width: device names and comments come from outside (CWE-1236). */
const formulaStart = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function quoted(text: string): string {
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

const jsonCells: Readonly<Record<ExportType, (cell: Cell) => string>> = {
  time: (cell) => (isNothing(cell) ? "null" : `"${isoTime(Number(cell))}"`),
  // The infinities are no JSON numbers.
  number: (cell) => (isNothing(cell) ? "null" : Number.isFinite(cell) ? String(cell) : `"${cell}"`),
  status: (cell) => (isNothing(cell) ? "null" : String(cell)),
  text: (cell) => (isNothing(cell) ? "null" : JSON.stringify(cell)),
};
