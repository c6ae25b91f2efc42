import type { Quarantine } from "#historian/journal/quarantine.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { HistoryColumns } from "./columns.ts";
import type { SeriesTable } from "./series-table.ts";
import type { RefusedRow } from "./store-rows.ts";

export interface QuarantineRowsOptions {
  readonly quarantine: Quarantine;
  readonly series: SeriesTable;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps rows that the store refuses, with the reason, in `refused.ndjson`; where even that fails they are logged. */
export async function quarantineRows(
  rows: readonly RefusedRow<HistoryColumns>[],
  options: QuarantineRowsOptions,
): Promise<void> {
  const { quarantine, series, clock, logger } = options;
  const at = new Date(clock.now()).toISOString();
  const objects = rows.map(({ row, error }) => ({
    at,
    series: series.infoOfStoreId(row.series[0] ?? 0)?.key,
    time: new Date(row.times[0] ?? Number.NaN).toISOString(),
    value: row.texts?.[0] ?? String(row.values[0]),
    status: (row.statuses[0] ?? 0) >>> 0,
    sqlState: error.sqlState,
    reason: error.message,
  }));
  logger.error({ rows: rows.length, first: objects[0] }, "The store refuses samples; they are in quarantine");
  try {
    await quarantine.keepObjects("refused.ndjson", objects);
  } catch (error) {
    logger.error({ err: error, objects }, "The quarantine takes no samples");
  }
}
