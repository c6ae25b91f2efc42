import type { BatchType } from "#historian/journal/journal-content.ts";
import { RowsRefused } from "./store/history-store.ts";

/** A row that the store does not take, and why. */
export interface RefusedRow<T> {
  /** A batch of this row only. */
  readonly row: T;
  readonly error: RowsRefused;
}

/**
 * Stores rows; when the store refuses them, halves them until only the rows that it refuses are left out. Returns those.
 * Throws what `append` throws when it is not the rows' fault.
 */
export async function storeRows<T>(
  rows: T,
  type: Pick<BatchType<T>, "size" | "slice">,
  append: (rows: T) => Promise<void>,
): Promise<readonly RefusedRow<T>[]> {
  const size = type.size(rows);
  if (size === 0) return [];
  try {
    await append(rows);
    return [];
  } catch (error) {
    if (!(error instanceof RowsRefused)) throw error;
    if (size === 1) return [{ row: rows, error }];
    const middle = size >> 1;
    const first = await storeRows(type.slice(rows, 0, middle), type, append);
    return [...first, ...(await storeRows(type.slice(rows, middle, size), type, append))];
  }
}
