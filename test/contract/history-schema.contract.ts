import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "#historian/schema/migrate.ts";
import { migrations } from "#historian/schema/migrations.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import { rawCopySql } from "#historian/store/raw-sql.ts";
import type { SqlDriver } from "#historian/store/sql-driver.ts";
import { openSqlHistoryStore } from "#historian/store/sql-history-store.ts";
import { columnsOf, rowsOf, testSeries } from "../support/history-columns.ts";
import { testEvent } from "../support/test-events.ts";

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 5, 15, 12);
const bad = 0x80000000;

/** The same tests of the tables over each engine; `open` gives a driver on an empty database. */
export function historySchemaContract(engine: string, open: () => Promise<SqlDriver & AsyncDisposable>): void {
  describe(`the tables on ${engine}`, { timeout: 60_000 }, () => {
    let driver: SqlDriver;
    let store: HistoryStore;

    beforeEach(async () => {
      driver = await open();
    }, 60_000);

    afterEach(async () => {
      await driver[Symbol.asyncDispose]();
    });

    /** Rows of a query as objects, by way of JSON. */
    async function ask(sql: string): Promise<readonly Record<string, unknown>[]> {
      const rows = await driver.query(`SELECT to_jsonb(answer)::text FROM (${sql}) AS answer`, []);
      return rows.map(([json]) => JSON.parse(Buffer.from(json ?? []).toString("utf8")) as Record<string, unknown>);
    }

    async function openStore(variables: readonly string[] = ["P"]): Promise<Int32Array> {
      store = await openSqlHistoryStore(driver);
      expect(store.health().available).toBe(true);
      return store.ensureSeries(
        variables.map((parameter) => ({ ...testSeries(1), key: `CB-1/${parameter}`, device: "CB-1", parameter })),
      );
    }

    const piecesOf = async (): Promise<Record<string, unknown>> =>
      Object.fromEntries(
        (
          await ask("SELECT tableoid::regclass::text AS piece, count(*)::int AS n FROM history GROUP BY 1 ORDER BY 1")
        ).map(({ piece, n }) => [String(piece).replace(/^.*\./, ""), n]),
      );

    it("comes up from the first version with its rows", async () => {
      await migrate(driver, migrations.slice(0, 1));
      await driver.execute(
        "INSERT INTO history (series_id, ts, value) SELECT 7, now() - i * INTERVAL '1 s', i FROM generate_series(1, 50) i",
      );

      await openStore();

      expect(await ask("SELECT count(*)::int AS n, sum(value)::int AS total FROM history")).toEqual([
        { n: 50, total: 1275 },
      ]);
      expect(await ask("SELECT max(version) AS version FROM schema_version")).toEqual([
        { version: migrations.at(-1)?.version },
      ]);
    });

    it("leaves a database of a newer host alone and says so", async () => {
      await migrate(driver);
      await driver.execute("INSERT INTO schema_version (version, title) VALUES (99, 'future')");

      const opened = await openSqlHistoryStore(driver);

      expect(opened.health()).toMatchObject({ available: false });
      expect(opened.health().detail).toContain("schema version 99");
      await expect(opened.ensureSeries([testSeries(1)])).rejects.toMatchObject({ code: "history-unavailable" });
    });

    it("answers that history is unavailable when its tables are gone", async () => {
      await openStore();
      await driver.execute("DROP TABLE history CASCADE");

      const read = store.readRaw([{ key: "CB-1/P", from: 0, to: now, reverse: false, limit: 10 }]);

      await expect(read).rejects.toMatchObject({ code: "history-unavailable" });
    });

    it("keeps each day in a piece of its own, also what came before the piece was made", async () => {
      const [id = 0] = await openStore();
      await store.append(rowsOf(id, [now, now + day, now + 40 * day]), store.generation);
      expect(await piecesOf()).toEqual({ history_default: 3 });

      await store.maintain(now, {});
      await store.append(rowsOf(id, [now + 1]), store.generation);

      expect(await piecesOf()).toEqual({ history_20260615: 2, history_20260616: 1, history_default: 1 });
    });

    it("plans a page over the days of its range only, so that years of days cost nothing", async () => {
      await openStore();
      await store.maintain(now, {});
      const statement = rawCopySql([
        { key: "CB-1/P", from: now, to: now + hour, reverse: false, limit: 10 },
        { key: "CB-1/P", from: now - hour, to: now, reverse: true, limit: 1 },
      ]);
      const question = statement.slice("COPY ".length, statement.lastIndexOf(" TO STDOUT"));

      const plan = await driver.query(`EXPLAIN ${question}`, []);

      const text = plan.map(([line]) => Buffer.from(line ?? []).toString("utf8")).join("\n");
      expect([...new Set(text.match(/ on history_\w+/g))]).toEqual([" on history_20260615"]);
    });

    it("removes whole days that are too old, but not what only a wrong device clock makes look old", async () => {
      const [id = 0] = await openStore();
      for (let back = 3; back >= 0; back -= 1) await store.maintain(now - back * day, {});
      await store.append(rowsOf(id, [now - 3 * day, now - day, now]), store.generation);
      const wrongClock = { ...rowsOf(id, [0, 1]), serverTimes: Float64Array.of(now, Number.NaN) };
      await store.append(wrongClock, store.generation);

      await store.maintain(now, { raw: now - 2 * day });

      const left = await ask("SELECT (extract(epoch FROM ts) * 1000)::float8 AS time FROM history ORDER BY ts");
      expect(left.map(({ time }) => time)).toEqual([0, now - day, now]);
      expect(await ask("SELECT to_regclass('history_20260612') IS NULL AS gone")).toEqual([{ gone: true }]);
    });

    it("removes old summaries and events when they are no longer wanted, whatever else is kept", async () => {
      const [id = 0] = await openStore();
      await store.append(rowsOf(id, [now - 3 * day, now]), store.generation);
      await store.events.append([testEvent(1, now - 3 * day), testEvent(2, now)]);
      await store.refreshRollups(now + 2 * hour, 10);

      await store.maintain(now, { minutes: now - 2 * day, events: now - day });

      const count = (table: string) => ask(`SELECT count(*)::int AS n FROM ${table}`);
      expect(await count("history")).toEqual([{ n: 2 }]);
      expect(await count("rollup_1m")).toEqual([{ n: 1 }]);
      expect(await count("rollup_1h")).toEqual([{ n: 2 }]);
      expect(await count("event")).toEqual([{ n: 1 }]);
    });

    it("sums up hours that are over, and again when a late sample comes", async () => {
      const [id = 0] = await openStore();
      // 10 at :00, 20 at :10, bad at :20, 40 at :30, 40 at :30:30 of the first hour; 50 at :15 of the next.
      const samples = {
        ...columnsOf(id, now, [10, 20, 0, 40, 40, 50]),
        statuses: Int32Array.of(0, 0, bad | 0, 0, 0, 0),
      };
      samples.times.set([0, 10, 20, 30, 30.5, 75].map((minute) => now + minute * 60_000));
      await store.append(samples, store.generation);
      await store.maintain(now, {});

      expect(await store.refreshRollups(now + hour - 1, 10)).toBe(0);
      expect(await store.refreshRollups(now + 2 * hour, 10)).toBe(2);

      const minute = 60_000;
      const columns =
        "n, n_good, n_bad, sum, min, max, first_v, last_v, area_step, area_slope, good_ms, transitions, worst";
      expect(await ask(`SELECT ${columns} FROM rollup_1h ORDER BY bucket`)).toMatchObject([
        {
          n: 5,
          n_good: 4,
          n_bad: 1,
          sum: 110,
          min: 10,
          max: 40,
          first_v: 10,
          last_v: 40,
          area_step: (10 * 10 + 20 * 10 + 40 * 0.5) * minute,
          area_slope: (15 * 10 + 40 * 0.5) * minute,
          good_ms: 20.5 * minute,
          transitions: 1,
          worst: bad | 0,
        },
        { n: 1, first_v: 50, area_step: 0 },
      ]);
      expect(await ask("SELECT n, area_step, transitions FROM rollup_1d")).toEqual([
        { n: 6, area_step: (10 * 10 + 20 * 10 + 40 * 45) * minute, transitions: 2 },
      ]);

      await store.append(rowsOf(id, [now + 5 * minute]), store.generation);
      expect(await store.refreshRollups(now + 2 * hour, 10)).toBe(1);
      expect(await ask("SELECT n FROM rollup_1h ORDER BY bucket")).toEqual([{ n: 6 }, { n: 1 }]);
      expect(await ask("SELECT n FROM rollup_1d")).toEqual([{ n: 7 }]);
    });

    it("shows alarms as the earlier platform did, one row per activity in its newest state", async () => {
      await openStore();
      const active = testEvent(1, now);
      const acknowledged = testEvent(2, now + 5, { kind: "acknowledged", user: "anna" });
      if (acknowledged.alarm === undefined) throw new Error("no alarm");
      const state = { ...acknowledged.alarm.state, activeAt: now, acknowledged: true, acknowledgedAt: now + 5 };
      const alarm = { ...acknowledged.alarm, state };
      await store.events.append([active, { ...acknowledged, alarm }, testEvent(3, now + 60_000)]);

      const columns = "device_id, alarm_type, severity, status, acknowledged_by, alarm_message";
      expect(await ask(`SELECT ${columns} FROM alarm_instances ORDER BY id`)).toEqual([
        {
          device_id: "CB-1",
          alarm_type: "Overtemperature",
          severity: "high",
          status: "acknowledged",
          acknowledged_by: "anna",
          alarm_message: "81 °C, 2",
        },
        expect.objectContaining({ status: "active", acknowledged_by: null }),
      ]);
    });

    it("shows breakers in the tables of the earlier platform", async () => {
      const [position = 0, voltage = 0, label = 0] = await openStore(["Position", "VoltagePhaseA", "Label"]);
      await store.append(columnsOf(position, now, [1]), store.generation);
      await store.append(columnsOf(voltage, now, [230.12345]), store.generation);
      await store.append(columnsOf(label, now + 5, ["feeder 3"]), store.generation);
      const info = { id: "CB-1", type: "smart_breaker", manufacturer: "Maker", model: "M1", package: "maker/m1@1.0.0" };
      await store.describeDevices([info]);
      await driver.execute("SELECT update_device_metadata('CB-1', p_location => 'hall 2')");
      await store.refreshRollups(now + 2 * hour, 10);

      expect(
        await ask("SELECT voltage_phase_a, current_phase_a, status FROM smart_breaker_data WHERE voltage_phase_a > 0"),
      ).toEqual([{ voltage_phase_a: 230.123, current_phase_a: null, status: "1" }]);
      expect(await ask("SELECT device_type, measurements, metadata FROM latest_device_status")).toEqual([
        {
          device_type: "smart_breaker",
          measurements: { Position: 1, VoltagePhaseA: 230.12345, Label: "feeder 3" },
          metadata: { manufacturer: "Maker", model: "M1", location: "hall 2", fdi_package_id: "maker/m1@1.0.0" },
        },
      ]);
      expect(await ask("SELECT count(*)::int AS n FROM iot_enriched_data WHERE device_type = 'smart_breaker'")).toEqual(
        [{ n: 2 }],
      );
      expect(
        await ask("SELECT avg_voltage_a, min_voltage_a, measurement_count FROM smart_breaker_hourly_stats"),
      ).toEqual([{ avg_voltage_a: 230.12345, min_voltage_a: 230.12345, measurement_count: 3 }]);
    });
  });
}
