import type { HistoryPage } from "#fleet/ports.ts";
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
import { copyColumns, encodeCopy } from "#historian/codec/pg-copy.ts";
import type { HistoryColumns } from "#historian/columns.ts";
import { migrate } from "#historian/schema/migrate.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import {
  type DeviceInfo,
  type HistoryStore,
  type RawRead,
  RowsRefused,
  type SeriesInfo,
  type StoreHealth,
} from "./history-store.ts";
import { type SqlDriver, SqlError, type SqlRow } from "./sql-driver.ts";

// unnest() of arrays of different length fills up with NULL: an empty array stands for a column without values.
const appendSql = `
INSERT INTO history (series_id, ts, value, status, server_ts, vtext)
SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::float8[], $4::int4[], $5::timestamptz[], $6::text[])
ON CONFLICT (series_id, ts) DO UPDATE
SET value = excluded.value, status = excluded.status, server_ts = excluded.server_ts, vtext = excluded.vtext
WHERE (history.value, history.status, history.vtext) IS DISTINCT FROM (excluded.value, excluded.status, excluded.vtext)`;

const markSql = `
INSERT INTO rollup_due (series_id, hour)
SELECT DISTINCT * FROM unnest($1::int4[], $2::timestamptz[]) ON CONFLICT DO NOTHING`;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const copySql = `COPY history (${copyColumns}) FROM STDIN (FORMAT binary)`;
const uniqueViolation = "23505";
/** Below this COPY gains nothing over the upsert. */
const leastCopyRows = 100;
/** After a row that was there already, more of them are likely: what a crash left is stored again. */
const upsertsAfterConflict = 20;

const createSeriesSql = `
INSERT INTO series (node_key, device_id, variable, data_type, unit)
SELECT n.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n(node_key, d, v, t, u)
WHERE NOT EXISTS (SELECT FROM series s WHERE s.node_key = n.node_key)
ON CONFLICT (node_key) DO NOTHING`;

const describeSql = `
SELECT update_device_metadata(id, type, id, p_manufacturer => maker, p_model => model, p_fdi_package_id => package)::text
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS d(id, type, maker, model, package)`;

const seriesIdsSql = `
SELECT array_send(array_agg(s.series_id ORDER BY k.ord))
FROM unnest($1::text[]) WITH ORDINALITY AS k(node_key, ord) JOIN series s USING (node_key)`;

const rawSql = (direction: "ASC" | "DESC"): string => `
SELECT q.ord::text, p.*
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS q(node_key, from_ts, to_ts, ord)
JOIN series s USING (node_key)
CROSS JOIN LATERAL (
  SELECT array_send(array_agg(ts)), array_send(array_agg(value)), array_send(array_agg(status)),
         CASE WHEN count(vtext) > 0 THEN array_send(array_agg(vtext)) END
  FROM (
    SELECT ts, value, status, vtext FROM history h
    WHERE h.series_id = s.series_id AND h.ts >= q.from_ts AND h.ts < q.to_ts
    ORDER BY h.ts ${direction} LIMIT $4::int4
  ) page
) p`;
const rawForwardSql = rawSql("ASC");
const rawReverseSql = rawSql("DESC");

/**
 * The store over `driver`, which it disposes of. When the schema cannot be brought up to date now, the store shows it in
 * its health and tries again with the next call.
 */
export async function openSqlHistoryStore(driver: SqlDriver): Promise<HistoryStore> {
  const store = new SqlHistoryStore(driver);
  await store.prepare().catch(() => undefined);
  return store;
}

/** History in the tables of `schema/`, the same statements whatever the engine. */
class SqlHistoryStore implements HistoryStore {
  readonly #driver: SqlDriver;
  #upsertsLeft = 0;
  /** The last hour that was marked of each series, by store id. */
  readonly #markedHours = new Map<number, number>();
  #prepared: { readonly generation: number; readonly done: Promise<void> } | undefined;
  #trouble: string | undefined = "not yet opened";

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  get generation(): number {
    return this.#driver.generation;
  }

  /** Brings the schema up to date, once per generation; throws what migrate() throws. */
  async prepare(): Promise<void> {
    const { generation } = this.#driver;
    if (this.#prepared?.generation !== generation) this.#prepared = { generation, done: this.#migrate() };
    await this.#prepared.done;
  }

  async #migrate(): Promise<void> {
    this.#markedHours.clear();
    try {
      await migrate(this.#driver);
      this.#trouble = undefined;
    } catch (error) {
      this.#prepared = undefined;
      this.#trouble = messageOf(error);
      throw error;
    }
  }

  async ensureSeries(series: readonly SeriesInfo[]): Promise<Int32Array> {
    await this.prepare();
    const keys = series.map((s) => s.key);
    const known = await this.#seriesIds(keys);
    if (known.length === keys.length) return known;
    await this.#driver.query(createSeriesSql, [
      encodeTextArray(keys),
      encodeTextArray(series.map((s) => s.device)),
      encodeTextArray(series.map((s) => s.parameter)),
      encodeTextArray(series.map((s) => s.dataType)),
      encodeTextArray(series.map((s) => s.unit)),
    ]);
    return this.#seriesIds(keys);
  }

  async describeDevices(devices: readonly DeviceInfo[]): Promise<void> {
    await this.prepare();
    const column = (of: (device: DeviceInfo) => string): Uint8Array<ArrayBuffer> => encodeTextArray(devices.map(of));
    await this.#driver.query(describeSql, [
      column(({ id }) => id),
      column(({ type }) => type),
      column(({ manufacturer }) => manufacturer),
      column(({ model }) => model),
      column((device) => device.package),
    ]);
  }

  async append(rows: HistoryColumns, generation: number): Promise<void> {
    await this.prepare();
    if (generation !== this.#driver.generation) {
      throw new HostError(
        "history-unavailable",
        "The history store was started anew: its series are to be asked for again",
      );
    }
    try {
      if (!(await this.#copy(rows))) await this.#upsert(rows);
      await this.#markRollups(rows);
    } catch (error) {
      if (error instanceof SqlError && /^2[23]/.test(error.sqlState)) {
        throw new RowsRefused(error.sqlState, error.message, { cause: error });
      }
      throw error;
    }
  }

  async #upsert(rows: HistoryColumns): Promise<void> {
    await this.#driver.query(appendSql, [
      encodeInt4Array(rows.series),
      encodeTimeArray(rows.times),
      encodeFloat8Array(rows.values),
      encodeInt4Array(rows.statuses),
      encodeTimeArray(rows.serverTimes ?? new Float64Array(0)),
      encodeTextArray(rows.texts ?? []),
    ]);
  }

  /** The fast lane, for rows that are not there yet: false when it is not there or some row is. */
  async #copy(rows: HistoryColumns): Promise<boolean> {
    if (this.#driver.copyIn === undefined || rows.size < leastCopyRows) return false;
    if (this.#upsertsLeft > 0) {
      this.#upsertsLeft -= 1;
      return false;
    }
    try {
      await this.#driver.copyIn(copySql, encodeCopy(rows));
      return true;
    } catch (error) {
      if (!(error instanceof SqlError) || error.sqlState !== uniqueViolation) throw error;
      this.#upsertsLeft = upsertsAfterConflict;
      return false;
    }
  }

  async readRaw(read: RawRead): Promise<readonly HistoryPage[]> {
    await this.prepare();
    // One more than wanted tells whether there is more.
    const rows = await this.#driver.query(read.reverse ? rawReverseSql : rawForwardSql, [
      encodeTextArray(read.ranges.map((range) => range.key)),
      encodeTimeArray(Float64Array.from(read.ranges, (range) => range.from)),
      encodeTimeArray(Float64Array.from(read.ranges, (range) => range.to)),
      String(read.limit + 1),
    ]);
    const pages: HistoryPage[] = read.ranges.map(() => emptyPage);
    for (const row of rows) pages[Number(textOf(row[0])) - 1] = pageOf(row, read.limit);
    return pages;
  }

  async maintain(now: EpochMs, keepFrom: EpochMs | undefined): Promise<void> {
    await this.prepare();
    for (let day = -1; day <= 2; day += 1) {
      await this.#driver.query("SELECT history_prepare_day($1::date)::text", [isoOf(now + day * dayMs).slice(0, 10)]);
    }
    if (keepFrom !== undefined) {
      await this.#driver.query("SELECT history_drop_before($1::timestamptz)::text", [isoOf(keepFrom)]);
    }
    if (!this.#driver.cleansItself) await this.#driver.execute("VACUUM (ANALYZE) rollup_due, rollup_1h, rollup_1d");
  }

  async refreshRollups(until: EpochMs, limit: number): Promise<number> {
    await this.prepare();
    // Samples of an hour that is summed up now mark it again when they come later.
    this.#markedHours.clear();
    const [row] = await this.#driver.query("SELECT rollup_refresh($1::timestamptz, $2::int4)::text", [
      isoOf(until),
      String(limit),
    ]);
    return Number(textOf(row?.[0]));
  }

  /** Notes the hours of series in which rows were stored, after the rows: a crash in between stores both again. */
  async #markRollups(rows: HistoryColumns): Promise<void> {
    const series: number[] = [];
    const hours: number[] = [];
    let lastId = 0;
    let lastHour = Number.NaN;
    for (let i = 0; i < rows.size; i += 1) {
      const id = rows.series[i] ?? 0;
      const hour = Math.floor((rows.times[i] ?? 0) / hourMs);
      // The rows are sorted: most are of the same series and hour as the one before.
      if (id === lastId && hour === lastHour) continue;
      lastId = id;
      lastHour = hour;
      if (this.#markedHours.get(id) === hour) continue;
      this.#markedHours.set(id, hour);
      series.push(id);
      hours.push(hour * hourMs);
    }
    if (series.length === 0) return;
    await this.#driver.query(markSql, [
      encodeInt4Array(Int32Array.from(series)),
      encodeTimeArray(Float64Array.from(hours)),
    ]);
  }

  health(): StoreHealth {
    const health = this.#driver.health();
    return health.available && this.#trouble !== undefined ? { available: false, detail: this.#trouble } : health;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver[Symbol.asyncDispose]();
  }

  async #seriesIds(keys: readonly string[]): Promise<Int32Array> {
    const [row] = await this.#driver.query(seriesIdsSql, [encodeTextArray(keys)]);
    const ids = row?.[0];
    return ids === null || ids === undefined ? new Int32Array(0) : decodeInt4Array(ids);
  }
}

const emptyPage: HistoryPage = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  qualities: new Uint32Array(0),
  texts: undefined,
  more: false,
};

function pageOf(row: SqlRow, limit: number): HistoryPage {
  const [, times, values, statuses, texts] = row;
  if (!times || !values || !statuses) return emptyPage;
  const allTimes = decodeTimeArray(times);
  return {
    times: allTimes.subarray(0, limit),
    values: decodeFloat8Array(values).subarray(0, limit),
    qualities: new Uint32Array(decodeInt4Array(statuses).buffer).subarray(0, limit),
    texts: texts ? decodeTextArray(texts).slice(0, limit) : undefined,
    more: allTimes.length > limit,
  };
}

function isoOf(time: EpochMs): string {
  return new Date(time).toISOString();
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : "";
}
