import type { HistoryColumns } from "#historian/columns.ts";
import type { EpochMs } from "#model/ids.ts";

/** Tables besides values and events that a backup holds, row by row. */
export const backupTables = ["device_metadata", "history_modified", "history_annotations"] as const;
export type BackupTable = (typeof backupTables)[number];

/** What a backup needs of a store. Every method throws `history-unavailable` when the engine cannot be reached. */
export interface BackupStore {
  /** Up to `limit` values of a series behind `after`, by time, complete with the times of receipt; `series` are all 0. */
  readRows(key: string, after: EpochMs, limit: number): Promise<HistoryColumns>;
  /** Stores rows with store ids; one that is there already stays as it is. */
  keepRows(rows: HistoryColumns): Promise<void>;
  /** Up to `limit` rows of a table as JSON, `skip` of them passed over; series by their key. */
  readTable(table: BackupTable, skip: number, limit: number): Promise<readonly string[]>;
  /** Adds such rows; one that is there already stays as it is. */
  keepTable(table: BackupTable, rows: readonly string[]): Promise<void>;
}
