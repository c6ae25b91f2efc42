import type { Clock } from "#lib/clock.ts";
import type { HistoryStore } from "./history-store.ts";
import { PgliteDriver } from "./pglite-driver.ts";
import { openSqlHistoryStore } from "./sql-history-store.ts";

export interface PgliteStoreOptions {
  /** Folder of the store, which nobody else uses; created if missing. */
  readonly folder: string;
  readonly clock: Clock;
}

/** The embedded store (PGlite in a worker thread); an engine that does not start shows in its health. */
export async function openPgliteStore(options: PgliteStoreOptions): Promise<HistoryStore> {
  return openSqlHistoryStore(new PgliteDriver(options));
}
