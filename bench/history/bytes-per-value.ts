import { detectFeatures } from "#historian/schema/features.ts";
import type { SqlDriver } from "#historian/store/sql-driver.ts";

/** Bytes on disk of each stored value, heap and index: as rows, and in TimescaleDB's columnstore where that is there. */
export interface ValueBytes {
  readonly rows: number;
  readonly columnstore: number | null;
}

const rowsSql = `
SELECT sum(pg_total_relation_size(relid))::text, (SELECT count(*) FROM history)::text FROM pg_partition_tree('history')`;
const hypertableSql = "SELECT hypertable_size('history')::text, count(*)::text FROM history";
const compressSql = "SELECT count(compress_chunk(chunk, true))::text FROM show_chunks('history') AS chunk";

/** Measures what `history` holds now; with TimescaleDB it is compressed afterwards. */
export async function bytesPerValue(driver: SqlDriver): Promise<ValueBytes> {
  const { timescale } = await detectFeatures(driver);
  if (!timescale) return { rows: await ratioOf(driver, rowsSql), columnstore: null };
  const rows = await ratioOf(driver, hypertableSql);
  await driver.query(compressSql, []);
  return { rows, columnstore: await ratioOf(driver, hypertableSql) };
}

async function ratioOf(driver: SqlDriver, sql: string): Promise<number> {
  const [row] = await driver.query(sql, []);
  const [bytes, values] = (row ?? []).map((column) => Number(Buffer.from(column ?? []).toString("utf8")));
  return (bytes ?? 0) / (values ?? 0);
}
