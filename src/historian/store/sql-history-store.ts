import type { HistoryPage } from "#fleet/ports.ts";
import { SqlBackupStore } from "#historian/backup/sql-backup-store.ts";
import {
  decodeInt4Array,
  encodeFloat8Array,
  encodeInt4Array,
  encodeTextArray,
  encodeTimeArray,
} from "#historian/codec/pg-array.ts";
import { encodeCopy } from "#historian/codec/pg-copy.ts";
import { CopyRowsDecoder } from "#historian/codec/pg-copy-rows.ts";
import { type HistoryColumns, sliceColumns } from "#historian/columns.ts";
import { SqlEventStore } from "#historian/events/sql-event-store.ts";
import { SqlRollupStore } from "#historian/rollups/sql-rollup-store.ts";
import { migrate } from "#historian/schema/migrate.ts";
import { type DataType, dataTypes } from "#model/data-type.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import {
  appendSql,
  copySql,
  createSeriesSql,
  describeSql,
  listSeriesSql,
  markSql,
  seriesIdsSql,
} from "./history-sql.ts";
import {
  type DeviceInfo,
  type HistoryStore,
  type KeepFrom,
  type RawRead,
  RowsRefused,
  type SeriesInfo,
  type StoreHealth,
} from "./history-store.ts";
import { rawCopySql } from "./raw-sql.ts";
import { type SqlDriver, SqlError, type SqlParameter, type SqlRow } from "./sql-driver.ts";
import { SqlEditStore } from "./sql-edit-store.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const uniqueViolation = "23505";
/** Below this COPY gains nothing over the upsert. */
const leastCopyRows = 100;
/** Memory for this many rows of an answer is taken at once, for more when they come. */
const mostExpectedRows = 10_001;
/** After a row that was there already, more of them are likely: what a crash left is stored again. */
const upsertsAfterConflict = 20;

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
  readonly rollups = new SqlRollupStore((sql, parameters) => this.#query(sql, parameters));
  readonly backup = new SqlBackupStore((sql, parameters) => this.#change(sql, parameters));
  readonly events = new SqlEventStore((sql, parameters) => this.#change(sql, parameters));
  readonly edits = new SqlEditStore((sql, parameters) => this.#query(sql, parameters));
  readonly #driver: SqlDriver;
  #upsertsLeft = 0;
  /** The last hour that was marked of each series, by store id. */
  readonly #markedHours = new Map<number, number>();
  /** Rollups that are being made: what is marked now may be taken before its samples are seen. */
  #refreshing = 0;
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
      throw asUnavailable(error);
    }
  }

  /** A query that the engine has no reason to refuse: when it does, something is wrong with the database. */
  async #query(sql: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]> {
    await this.prepare();
    try {
      return await this.#driver.query(sql, parameters);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** A statement whose rows the engine may refuse. */
  async #change(sql: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]> {
    await this.prepare();
    try {
      return await this.#driver.query(sql, parameters);
    } catch (error) {
      throw asUnavailable(asRefusal(error));
    }
  }

  async ensureSeries(series: readonly SeriesInfo[]): Promise<Int32Array> {
    const keys = series.map((s) => s.key);
    const known = await this.#seriesIds(keys);
    if (known.length === keys.length) return known;
    await this.#query(createSeriesSql, [
      encodeTextArray(keys),
      encodeTextArray(series.map((s) => s.device)),
      encodeTextArray(series.map((s) => s.parameter)),
      encodeTextArray(series.map((s) => s.dataType)),
      encodeTextArray(series.map((s) => s.unit)),
    ]);
    return this.#seriesIds(keys);
  }

  async listSeries(): Promise<readonly SeriesInfo[]> {
    const rows = await this.#query(listSeriesSql, []);
    return rows.map(([key, device, parameter, dataType, unit]) => ({
      key: textOf(key),
      device: textOf(device),
      parameter: textOf(parameter),
      dataType: dataTypeOf(textOf(dataType)),
      unit: textOf(unit),
    }));
  }

  async describeDevices(devices: readonly DeviceInfo[]): Promise<void> {
    const column = (of: (device: DeviceInfo) => string): Uint8Array<ArrayBuffer> => encodeTextArray(devices.map(of));
    await this.#query(describeSql, [
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
      throw asRefusal(error);
    }
  }

  async #upsert(rows: HistoryColumns): Promise<void> {
    const { serverTimes, texts } = rows;
    const parameters = [
      encodeInt4Array(rows.series),
      encodeTimeArray(rows.times),
      encodeFloat8Array(rows.values),
      encodeInt4Array(rows.statuses),
    ];
    if (serverTimes !== undefined) parameters.push(encodeTimeArray(serverTimes));
    if (texts !== undefined) parameters.push(encodeTextArray(texts, rows.size));
    await this.#driver.query(appendSql(serverTimes !== undefined, texts !== undefined), parameters);
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

  async readRaw(reads: readonly RawRead[]): Promise<readonly HistoryPage[]> {
    await this.prepare();
    const wanted = reads.reduce((sum, read) => sum + read.limit + 1, 0);
    const rows = new CopyRowsDecoder(Math.min(wanted, mostExpectedRows));
    try {
      await this.#driver.copyOut(rawCopySql(reads), (messages) => rows.add(messages));
      return pagesOf(rows.take(), reads);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async maintain(now: EpochMs, keep: KeepFrom): Promise<void> {
    for (let day = -1; day <= 2; day += 1) {
      await this.#query("SELECT history_prepare_day($1::date)::text", [isoOf(now + day * dayMs).slice(0, 10)]);
    }
    const remove = async (sql: string, before: EpochMs | undefined): Promise<void> => {
      if (before !== undefined) await this.#query(sql, [isoOf(before)]);
    };
    await remove("SELECT history_drop_before($1::timestamptz)::text", keep.raw);
    await remove("DELETE FROM history_modified WHERE ts < $1::timestamptz", keep.raw);
    await remove("DELETE FROM rollup_1m WHERE bucket < $1::timestamptz", keep.minutes);
    await remove("DELETE FROM rollup_1h WHERE bucket < $1::timestamptz", keep.hours);
    await remove("DELETE FROM rollup_1d WHERE bucket < $1::timestamptz", keep.hours);
    if (keep.events !== undefined) await this.events.removeBefore(keep.events);
    if (!this.#driver.cleansItself) await this.#driver.execute("VACUUM (ANALYZE) rollup_due, rollup_1h, rollup_1d");
  }

  async refreshRollups(until: EpochMs, limit: number): Promise<number> {
    // Samples of an hour that is summed up now mark it again when they come meanwhile or later.
    this.#markedHours.clear();
    this.#refreshing += 1;
    try {
      const [row] = await this.#query("SELECT rollup_refresh($1::timestamptz, $2::int4)::text", [
        isoOf(until),
        String(limit),
      ]);
      return Number(textOf(row?.[0]));
    } finally {
      this.#refreshing -= 1;
    }
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
      if (this.#refreshing === 0) this.#markedHours.set(id, hour);
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
    const [row] = await this.#query(seriesIdsSql, [encodeTextArray(keys)]);
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

/** The rows of each read lie together; one more than its limit tells that there is more. */
function pagesOf(rows: HistoryColumns, reads: readonly RawRead[]): readonly HistoryPage[] {
  const pages: HistoryPage[] = reads.map(() => emptyPage);
  for (let start = 0; start < rows.size; ) {
    const place = rows.series[start] ?? 0;
    let end = start + 1;
    while (end < rows.size && rows.series[end] === place) end += 1;
    const found = end - start;
    pages[place] = pageOf(sliceColumns(rows, start, start + Math.min(found, reads[place]?.limit ?? 0)), found);
    start = end;
  }
  return pages;
}

function pageOf(rows: HistoryColumns, found: number): HistoryPage {
  const { size, times, values, statuses, texts, serverTimes } = rows;
  return {
    times,
    values,
    qualities: new Uint32Array(statuses.buffer, statuses.byteOffset, size),
    texts: texts?.some((text) => text !== undefined) === true ? texts : undefined,
    serverTimes: serverTimes?.some((time) => !Number.isNaN(time)) === true ? serverTimes : undefined,
    more: found > size,
  };
}

function dataTypeOf(text: string): DataType {
  return dataTypes.find((type) => type === text) ?? "double";
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof SqlError) || !/^2[23]/.test(error.sqlState)) return error;
  return new RowsRefused(error.sqlState, error.message, { cause: error });
}

function asUnavailable(error: unknown): Error {
  if (!(error instanceof SqlError)) return error instanceof Error ? error : new Error(messageOf(error));
  return new HostError("history-unavailable", `The history database refuses: ${error.message}`, { cause: error });
}

function isoOf(time: EpochMs): string {
  return new Date(time).toISOString();
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : "";
}
