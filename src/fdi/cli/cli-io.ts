/** What the package tool needs from outside; tests give their own. */
export interface CliIo {
  /** Results. */
  out(text: string): void;
  /** What was assumed or went wrong. */
  err(text: string): void;
  /** Epoch ms. */
  now(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

// Control characters and those that turn the direction of text: a package must not be able to repaint a terminal.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of a package on one line of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, "?");
}

/** Rows with their columns aligned; empty columns are left out. The first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const [heading = []] = clean;
  const columns = heading.map((_, i) => i).filter((i) => clean.slice(1).some((row) => (row[i] ?? "") !== ""));
  const widths = new Map(columns.map((i) => [i, Math.max(...clean.map((row) => (row[i] ?? "").length))]));
  return clean
    .map((row) => `  ${columns.map((i) => (row[i] ?? "").padEnd(widths.get(i) ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Names with values below each other; values that are empty are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `  ${name.padEnd(14)}${printable(value)}`)
    .join("\n");
}

/** Data as one JSON text; maps become objects, big integers their digits, compiled functions are left out. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, plainValue, 2)}\n`;
}

function plainValue(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value as ReadonlyMap<string, unknown>);
  return typeof value === "bigint" ? String(value) : value;
}
