import type { SqlDriver } from "#historian/store/sql-driver.ts";
import { HostError } from "#model/errors.ts";
import { detectFeatures, type SchemaFeatures } from "./features.ts";
import { type Migration, migrations } from "./migrations.ts";

const createVersionTable = `
CREATE TABLE IF NOT EXISTS schema_version (
  version int4 PRIMARY KEY,
  title text NOT NULL,
  applied timestamptz NOT NULL DEFAULT now()
)`;

// Two hosts that start at once take turns.
const lockSql = "SELECT pg_advisory_xact_lock(4840, 1)";

/**
 * Brings the schema to the newest version, a transaction per step.
 * Throws `history-unavailable`, with nothing changed, when the database was written by a newer host.
 */
export async function migrate(driver: SqlDriver, steps: readonly Migration[] = migrations): Promise<void> {
  await driver.execute(`${lockSql}; ${createVersionTable}`);
  const newest = steps.at(-1)?.version ?? 0;
  const found = await versionOf(driver);
  if (found > newest) {
    throw new HostError(
      "history-unavailable",
      `The history database has schema version ${found}, this host knows ${newest}: use the newer host, or another database`,
    );
  }
  if (found === newest) return;
  const features = await detectFeatures(driver);
  for (const step of steps) if (step.version > found) await apply(driver, step, features);
}

async function versionOf(driver: SqlDriver): Promise<number> {
  const [row] = await driver.query("SELECT coalesce(max(version), 0)::text FROM schema_version", []);
  return Number(Buffer.from(row?.[0] ?? []).toString("utf8"));
}

async function apply(driver: SqlDriver, step: Migration, features: SchemaFeatures): Promise<void> {
  const title = step.title.replaceAll("'", "''");
  try {
    await driver.execute(
      `${lockSql}; INSERT INTO schema_version (version, title) VALUES (${step.version}, '${title}'); ${step.script(features)}`,
    );
  } catch (error) {
    // Another host may have been faster while this one waited for the lock.
    if ((await versionOf(driver)) < step.version) throw error;
  }
}
