import { HostError } from "#model/errors.ts";

export interface CsvRow {
  /** Line of the file, from 1. */
  readonly line: number;
  /** In the order of the columns asked for. */
  readonly cells: readonly string[];
}

/**
 * The rows of a CSV text (RFC 4180; comma or semicolon, as its first line has it) whose first line names the columns, in
 * any order; other columns are left out. Throws `argument-invalid` for a missing column, an open quote or too many rows.
 */
export function readCsv(text: string, columns: readonly string[], maxRows: number): CsvRow[] {
  const [head, ...body] = recordsOf(text.startsWith("\uFEFF") ? text.slice(1) : text);
  const names = head?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  const places = columns.map((column) => names.indexOf(column));
  const missing = columns.filter((_column, i) => (places[i] ?? -1) < 0);
  if (missing.length > 0) {
    throw new HostError(
      "argument-invalid",
      `the first line must name the columns ${columns.join(", ")}: no ${missing[0]}`,
    );
  }
  const rows = body.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  if (rows.length > maxRows) throw new HostError("argument-invalid", `${rows.length} rows: at most ${maxRows} at once`);
  return rows.map(({ line, cells }) => ({ line, cells: places.map((place) => (cells[place] ?? "").trim()) }));
}

function recordsOf(text: string): CsvRow[] {
  const separator = /^[^\n]*;/.test(text) && !/^[^\n;]*,/.test(text) ? ";" : ",";
  const pattern = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, "y");
  const records: CsvRow[] = [];
  let line = 1;
  let cells: string[] = [];
  let start = line;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new HostError("argument-invalid", `line ${line}: a quote is open or in the wrong place`);
    const [all, quoted, plain = "", end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += all.split("\n").length - 1;
    if (end === separator) {
      if (at + all.length === text.length) cells.push("");
      continue;
    }
    records.push({ line: start, cells });
    cells = [];
    start = line;
  }
  if (cells.length > 0) records.push({ line: start, cells });
  return records;
}
