import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectFeatures } from "#historian/schema/features.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import { PgDriver } from "#historian/store/pg-store.ts";
import { PgliteDriver } from "#historian/store/pglite-driver.ts";
import type { SqlDriver, SqlRow } from "#historian/store/sql-driver.ts";
import { openSqlHistoryStore } from "#historian/store/sql-history-store.ts";
import { systemClock } from "#lib/clock.ts";
import { embeddedFolder, removeFolder, removeTemplate } from "../support/embedded-folder.ts";
import { columnsOf, testSeries } from "../support/history-columns.ts";
import { TestDatabase, testServerUrl } from "../support/test-database.ts";

/**
 * What the host says to TimescaleDB, heard by the embedded engine with functions of the same names, arguments and results
 * (2.20 to 2.28; "any" as the type that is passed). It parses and resolves every statement; only the ALTER TABLE, whose
 * options it does not know, is taken out and looked at here.
 */
const functions = `
CREATE TABLE heard (what text);
CREATE SCHEMA _timescaledb_internal;
CREATE TYPE _timescaledb_internal.dimension_info AS (column_name name, width interval);
CREATE FUNCTION by_range(column_name name, partition_interval anyelement = NULL::bigint, partition_func regproc = NULL)
  RETURNS _timescaledb_internal.dimension_info LANGUAGE sql AS 'SELECT (column_name, partition_interval::text::interval)::_timescaledb_internal.dimension_info';
CREATE FUNCTION create_hypertable(relation regclass, dimension _timescaledb_internal.dimension_info,
    create_default_indexes boolean = true, if_not_exists boolean = false, migrate_data boolean = false)
  RETURNS TABLE (hypertable_id int, created bool) LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('CREATE INDEX %I ON %s (ts DESC)', relation::text || '_ts_idx', relation);
    INSERT INTO heard VALUES (format('hypertable %s %s %s %s', relation, (dimension).column_name, (dimension).width, migrate_data));
    RETURN QUERY SELECT 1, true;
  END $$;
CREATE PROCEDURE add_columnstore_policy(hypertable regclass, after interval = NULL, if_not_exists boolean = false,
    schedule_interval interval = NULL, initial_start timestamptz = NULL, timezone text = NULL, created_before interval = NULL)
  LANGUAGE sql AS $$ INSERT INTO heard VALUES (format('columnstore %s %s', hypertable, after)) $$;
CREATE FUNCTION drop_chunks(relation regclass, older_than timestamptz = NULL, newer_than timestamptz = NULL,
    verbose boolean = false, created_before timestamptz = NULL, created_after timestamptz = NULL)
  RETURNS SETOF text LANGUAGE sql AS $$ INSERT INTO heard VALUES (format('drop %s %s', relation, older_than)) RETURNING 'chunk' $$;
`;

const now = Date.UTC(2026, 5, 15, 12);
const text = (value: string): SqlRow => [Buffer.from(value)];

/** The driver, as if TimescaleDB were there. */
function withTimescale(driver: SqlDriver, altered: string[], version = "2.28.3", licence = "timescale"): SqlDriver {
  const { query, execute } = driver;
  driver.query = async (sql, parameters) => {
    if (sql.includes("pg_extension")) return [text(version)];
    return sql.includes("timescaledb.license") ? [text(licence)] : query.call(driver, sql, parameters);
  };
  driver.execute = (script) => {
    const plain = script.replaceAll(/ALTER TABLE \w+ SET \(timescaledb\.[^;]*;/g, (statement) => {
      altered.push(statement);
      return "";
    });
    return execute.call(driver, plain);
  };
  return driver;
}

describe("TimescaleDB", { timeout: 60_000 }, () => {
  const altered: string[] = [];
  let driver: SqlDriver;
  let store: HistoryStore;
  let folder: string;

  beforeAll(async () => {
    folder = await embeddedFolder();
    driver = withTimescale(new PgliteDriver({ folder, clock: systemClock }), altered);
    await driver.execute(functions);
    store = await openSqlHistoryStore(driver);
  }, 60_000);

  afterAll(async () => {
    await driver[Symbol.asyncDispose]();
    await removeFolder(folder);
    await removeTemplate();
  });

  const ask = async (sql: string): Promise<readonly string[]> =>
    (await driver.query(sql, [])).map(([what]) => Buffer.from(what ?? []).toString("utf8"));
  const heard = (): Promise<readonly string[]> => ask("SELECT what FROM heard");

  it("is asked for a hypertable by day that goes into the columnstore after two", async () => {
    expect(store.health()).toMatchObject({ available: true });
    expect(await heard()).toEqual(["hypertable history ts 1 day t", "columnstore history 2 days"]);
    expect(altered).toEqual([
      "ALTER TABLE history SET (timescaledb.enable_columnstore = true, timescaledb.segmentby = 'series_id', timescaledb.orderby = 'ts');",
    ]);
  });

  it("keeps no index by time alone", async () => {
    expect(await ask("SELECT indexname::text FROM pg_indexes WHERE tablename = 'history'")).toEqual(["history_pkey"]);
  });

  it("takes rows, gives them back, sums them up and drops old chunks", async () => {
    const [id = 0] = await store.ensureSeries([testSeries(1)]);
    await store.append(columnsOf(id, now, [1, 2, 3]), store.generation);
    const [page] = await store.readRaw([{ key: "D1/P", from: now, to: now + 10, reverse: false, limit: 10 }]);
    expect([...(page?.values ?? [])]).toEqual([1, 2, 3]);
    expect(await store.refreshRollups(now + 7_200_000, 10)).toBe(1);

    await store.maintain(now, { raw: now - 86_400_000 });

    expect((await heard()).at(-1)).toMatch(/^drop history 2026-06-14/);
  });

  it.each([
    { version: "2.20.0", licence: "timescale", timescale: true },
    { version: "2.19.3", licence: "timescale", timescale: false },
    { version: "3.0.0-dev", licence: "timescale", timescale: true },
    { version: "2.28.3", licence: "apache", timescale: false },
    { version: "", licence: "", timescale: false },
  ])("of version '$version' and licence '$licence' is used: $timescale", async ({ version, licence, timescale }) => {
    const answer = async (sql: string): Promise<readonly SqlRow[]> => [
      text(sql.includes("pg_extension") ? version : licence),
    ];
    expect(await detectFeatures({ ...driver, query: answer })).toEqual({ timescale });
  });
});

describe.runIf(testServerUrl !== undefined)("a connection to TimescaleDB", () => {
  it("may unpack as many rows as late values need", async () => {
    await using database = await TestDatabase.create(testServerUrl ?? "");
    const setting = "timescaledb.max_tuples_decompressed_per_dml_transaction";
    const url = new URL(database.url);
    // Plain PostgreSQL keeps the settings of extensions that it does not have.
    url.searchParams.set("options", `${url.searchParams.get("options")} -c ${setting}=100000`);

    await using driver = new PgDriver(url.href);

    expect(await driver.query(`SELECT current_setting('${setting}')`, [])).toEqual([text("0")]);
  });
});
