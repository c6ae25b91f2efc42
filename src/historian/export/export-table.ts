/** `time`: epoch ms, to the microsecond; `status`: unsigned StatusCode. A NaN is no value. */
export type ExportType = "time" | "number" | "status" | "text";

export interface ExportColumn {
  readonly name: string;
  readonly type: ExportType;
}

/** Rows of a table, a list of cells per column. */
export interface ExportPart {
  readonly size: number;
  readonly cells: readonly ArrayLike<number | string | undefined>[];
}

/** A table of which only a part is in memory at a time. */
export interface ExportTable {
  readonly columns: readonly ExportColumn[];
  readonly parts: AsyncIterable<ExportPart>;
}

/** The instant in ISO 8601 with as many digits as it has. */
export function isoTime(time: number): string {
  const wholeMs = Math.floor(time);
  const text = new Date(wholeMs).toISOString();
  const microseconds = Math.round((time - wholeMs) * 1000);
  return microseconds === 0 ? text : `${text.slice(0, -1)}${String(microseconds).padStart(3, "0")}Z`;
}
