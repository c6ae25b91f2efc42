import type { SqlDriver } from "#historian/store/sql-driver.ts";

/** What the engine offers beyond plain PostgreSQL. */
export interface SchemaFeatures {
  /** TimescaleDB with its full licence, new enough for late rows in compressed chunks. */
  readonly timescale: boolean;
}

/** Before this version late rows into the columnstore were slow or wrong. */
const oldestTimescale: readonly [number, number] = [2, 20];

const versionSql = "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'";
// The Apache edition answers `apache` and has neither columnstore nor policies.
const licenceSql = "SELECT current_setting('timescaledb.license', true)";

/**
 * For each connection: TimescaleDB refuses a statement for which it would unpack more than 100,000 rows of the columnstore,
 * which late values of many series do. 0: no limit. Elsewhere, where nobody knows the setting, it does nothing.
 */
export const unpackAllSql = `
SELECT set_config(name, '0', false)
FROM (VALUES ('timescaledb.max_tuples_decompressed_per_dml_transaction')) AS setting(name)
WHERE current_setting(name, true) IS NOT NULL`;

/** Asks the engine once; anything but a clear answer counts as plain PostgreSQL. */
export async function detectFeatures(driver: SqlDriver): Promise<SchemaFeatures> {
  const version = await textOf(driver, versionSql);
  if (version === "") return { timescale: false };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNewEnough = major > oldestTimescale[0] || (major === oldestTimescale[0] && minor >= oldestTimescale[1]);
  return { timescale: isNewEnough && (await textOf(driver, licenceSql)) === "timescale" };
}

async function textOf(driver: SqlDriver, sql: string): Promise<string> {
  const [row] = await driver.query(sql, []);
  return Buffer.from(row?.[0] ?? []).toString("utf8");
}
