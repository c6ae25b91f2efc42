import type { HistoryPage } from "#fleet/ports.ts";
import { SqlBackupStore } from "#historian/backup/sql-backup-store.ts";
import { decodeInt4Array, encodeInt4Array, encodeTextArray, encodeTimeArray } from "#historian/codec/pg-array.ts";
import { CopyRowsDecoder } from "#historian/codec/pg-copy-rows.ts";
import type { HistoryColumns } from "#historian/columns.ts";
import { SqlEventStore } from "#historian/events/sql-event-store.ts";
import { SqlRollupStore } from "#historian/rollups/sql-rollup-store.ts";
import { migrate } from "#historian/schema/migrate.ts";
import { type DataType, dataTypes } from "#model/data-type.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { pagesOf } from "./history-pages.ts";
import { createSeriesSql, describeSql, listSeriesSql, markSql, seriesIdsSql } from "./history-sql.ts";
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
import { RollupMarks } from "./rollup-marks.ts";
import { RowLane } from "./row-lane.ts";
import { type SqlDriver, SqlError, type SqlParameter, type SqlRow } from "./sql-driver.ts";
import { SqlEditStore } from "./sql-edit-store.ts";

const dayMs = 24 * 3_600_000;
/** Memory for this many rows of an answer is taken at once, for more when they come. */
const mostExpectedRows = 10_001;

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
  readonly #rows: RowLane;
  readonly #marks = new RollupMarks();
  #prepared: { readonly generation: number; readonly done: Promise<void> } | undefined;
  #trouble: string | undefined = "not yet opened";

  constructor(driver: SqlDriver) {
    this.#driver = driver;
    this.#rows = new RowLane(driver);
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
    this.#marks.clear();
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
      await this.#rows.store(rows);
      await this.#markHours(rows);
    } catch (error) {
      throw asRefusal(error);
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
    return this.#marks.whileRefreshing(async () => {
      const parameters = [isoOf(until), String(limit)];
      const [row] = await this.#query("SELECT rollup_refresh($1::timestamptz, $2::int4)::text", parameters);
      return Number(textOf(row?.[0]));
    });
  }

  /** After the rows: a crash in between stores both again. */
  async #markHours(rows: HistoryColumns): Promise<void> {
    const { series, hours } = this.#marks.newIn(rows);
    if (series.length === 0) return;
    await this.#driver.query(markSql, [encodeInt4Array(series), encodeTimeArray(hours)]);
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
