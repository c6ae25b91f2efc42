import {
  decodeFloat8Array,
  decodeInt4Array,
  decodeTextArray,
  decodeTimeArray,
  encodeFloat8Array,
  encodeInt4Array,
  encodeTextArray,
  encodeTimeArray,
} from "#historian/codec/pg-array.ts";
import type { HistoryColumns } from "#historian/columns.ts";
import type { SqlParameter, SqlRow } from "#historian/store/sql-driver.ts";
import type { EpochMs } from "#model/ids.ts";
import type { BackupStore, BackupTable } from "./backup-store.ts";

type Query = (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>;

const readRowsSql = `
SELECT array_send(array_agg(ts)), array_send(array_agg(value)), array_send(array_agg(status)),
  CASE WHEN count(server_ts) > 0 THEN array_send(array_agg(server_ts)) END,
  CASE WHEN count(vtext) > 0 THEN array_send(array_agg(vtext)) END
FROM (
  SELECT h.* FROM history h
  WHERE h.series_id = (SELECT series_id FROM series WHERE node_key = $1) AND h.ts > ($2::timestamptz[])[1]
  ORDER BY h.ts LIMIT $3::int4
) page`;

// Whatever is kept has to be summed up as well.
const keepRowsSql = `
WITH rows AS (
  SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::float8[], $4::int4[], $5::timestamptz[], $6::text[])
    AS r(series_id, ts, value, status, server_ts, vtext)
), due AS (
  INSERT INTO rollup_due (series_id, hour) SELECT DISTINCT series_id, date_trunc('hour', ts, 'UTC') FROM rows
  ON CONFLICT DO NOTHING
)
INSERT INTO history (series_id, ts, value, status, server_ts, vtext) SELECT * FROM rows
ON CONFLICT (series_id, ts) DO NOTHING`;

const orders: Readonly<Record<BackupTable, string>> = {
  device_metadata: "device_id",
  history_modified: "series_id, ts, number",
  history_annotations: "series_id, ts, written, username",
};

const ofSeries = (table: BackupTable): boolean => table !== "device_metadata";

const readTableSql = (table: BackupTable): string => `
SELECT (to_jsonb(t) ${ofSeries(table) ? "- 'series_id' || jsonb_build_object('node_key', s.node_key)" : ""})::text
FROM ${table} t ${ofSeries(table) ? "JOIN series s USING (series_id)" : ""}
ORDER BY ${orders[table]} OFFSET $1::int8 LIMIT $2::int4`;

const keepTableSql = (table: BackupTable): string => `
INSERT INTO ${table} OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::${table}, ${ofSeries(table) ? "row || jsonb_build_object('series_id', s.series_id)" : "row"})).*
FROM (SELECT text::jsonb AS row FROM unnest($1::text[]) AS lines(text)) AS kept
${ofSeries(table) ? "JOIN series s ON s.node_key = row ->> 'node_key'" : ""}
ON CONFLICT DO NOTHING`;

const advanceSql = `
SELECT setval(pg_get_serial_sequence('history_modified', 'number'), greatest(max(number), 1))::text FROM history_modified`;

/** Backup and restore over the tables of `schema/`. */
export class SqlBackupStore implements BackupStore {
  readonly #query: Query;

  constructor(query: Query) {
    this.#query = query;
  }

  async readRows(key: string, after: EpochMs, limit: number): Promise<HistoryColumns> {
    const parameters = [key, encodeTimeArray(Float64Array.of(after)), String(limit)];
    const [row] = await this.#query(readRowsSql, parameters);
    const [times, values, statuses, serverTimes, texts] = row ?? [];
    const size = times ? decodeTimeArray(times).length : 0;
    return {
      size,
      series: new Int32Array(size),
      times: times ? decodeTimeArray(times) : new Float64Array(0),
      values: values ? decodeFloat8Array(values) : new Float64Array(0),
      statuses: statuses ? decodeInt4Array(statuses) : new Int32Array(0),
      serverTimes: serverTimes ? decodeTimeArray(serverTimes) : undefined,
      texts: texts ? decodeTextArray(texts) : undefined,
    };
  }

  async keepRows(rows: HistoryColumns): Promise<void> {
    await this.#query(keepRowsSql, [
      encodeInt4Array(rows.series),
      encodeTimeArray(rows.times),
      encodeFloat8Array(rows.values),
      encodeInt4Array(rows.statuses),
      encodeTimeArray(rows.serverTimes ?? new Float64Array(0)),
      encodeTextArray(rows.texts ?? []),
    ]);
  }

  async readTable(table: BackupTable, skip: number, limit: number): Promise<readonly string[]> {
    const rows = await this.#query(readTableSql(table), [String(skip), String(limit)]);
    return rows.map(([text]) => Buffer.from(text ?? []).toString("utf8"));
  }

  async keepTable(table: BackupTable, rows: readonly string[]): Promise<void> {
    await this.#query(keepTableSql(table), [encodeTextArray(rows)]);
    if (table === "history_modified") await this.#query(advanceSql, []);
  }
}
