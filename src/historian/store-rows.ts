import { type HistoryColumns, sliceColumns } from "./columns.ts";
import { type HistoryStore, RowsRefused } from "./store/history-store.ts";

/** A row that the store does not take, and why. */
export interface RefusedRow {
  /** One row, with store ids. */
  readonly row: HistoryColumns;
  readonly error: RowsRefused;
}

/**
 * Stores sorted rows; when the store refuses them, halves them until only the rows that it refuses are left out. Returns
 * those. Throws what the store throws when it is not the rows' fault.
 */
export async function storeRows(
  store: HistoryStore,
  rows: HistoryColumns,
  generation: number,
): Promise<readonly RefusedRow[]> {
  if (rows.size === 0) return [];
  try {
    await store.append(rows, generation);
    return [];
  } catch (error) {
    if (!(error instanceof RowsRefused)) throw error;
    if (rows.size === 1) return [{ row: rows, error }];
    const middle = rows.size >> 1;
    const first = await storeRows(store, sliceColumns(rows, 0, middle), generation);
    return [...first, ...(await storeRows(store, sliceColumns(rows, middle, rows.size), generation))];
  }
}
