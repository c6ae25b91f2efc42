import type { ExportFormat, ExportQuery } from "#fleet/history-export.ts";
import { type ExportSources, historyTable } from "./history-table.ts";
import { parquetOf } from "./parquet-format.ts";
import { csvOf, jsonOf } from "./text-formats.ts";

const writers = { csv: csvOf, json: jsonOf, parquet: parquetOf } as const;

/** The answer to a question as a file of a format, piece by piece. */
export function exportHistory(
  query: ExportQuery,
  format: ExportFormat,
  sources: ExportSources,
): AsyncIterable<Uint8Array> {
  return writers[format](historyTable(query, sources));
}
