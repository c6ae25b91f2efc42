import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HistoryColumns } from "#historian/columns.ts";
import { RowsRefused } from "#historian/store/history-store.ts";
import type { SqlDriver } from "#historian/store/sql-driver.ts";
import { openSqlHistoryStore } from "#historian/store/sql-history-store.ts";
import { columnsOf } from "../support/history-columns.ts";

const now = Date.UTC(2026, 5, 15, 12);
const many = 400;
const ramp = Array.from({ length: many }, (_, i) => i);

/** The same tests of how rows go in over each engine; `open` gives a driver on an empty database. */
export function historyIngestContract(engine: string, open: () => Promise<SqlDriver & AsyncDisposable>): void {
  describe.each([
    { way: "copied", withoutCopy: false },
    { way: "by statements", withoutCopy: true },
  ])(`rows that go into $way on ${engine}`, { timeout: 60_000 }, ({ withoutCopy }) => {
    let driver: SqlDriver;
    let append: (rows: HistoryColumns) => Promise<void>;

    beforeAll(async () => {
      driver = await open();
      if (withoutCopy) Object.defineProperty(driver, "copyIn", { value: undefined });
    }, 60_000);

    beforeEach(async () => {
      const store = await openSqlHistoryStore(driver);
      await store.maintain(now, {});
      await driver.execute("TRUNCATE history");
      append = (rows) => store.append(rows, store.generation);
    });

    afterAll(async () => {
      await driver[Symbol.asyncDispose]();
    });

    async function stored(): Promise<unknown> {
      const sql = `SELECT jsonb_build_object('n', count(*), 'total', sum(value), 'texts', count(vtext), 'late', count(server_ts))::text FROM history`;
      const [row] = await driver.query(sql, []);
      return JSON.parse(Buffer.from(row?.[0] ?? []).toString("utf8"));
    }

    const total = (many * (many - 1)) / 2;

    it("are stored once when they come again, and replaced where they differ", async () => {
      await append(columnsOf(1, now, ramp));
      await append(columnsOf(1, now, ramp));
      expect(await stored()).toEqual({ n: many, total, texts: 0, late: 0 });

      await append(columnsOf(1, now, [...ramp.slice(0, -1), 10_000]));
      expect(await stored()).toEqual({ n: many, total: total - (many - 1) + 10_000, texts: 0, late: 0 });
    });

    it("are all there when only some of them were before, at the edge of the span as well", async () => {
      await append(columnsOf(1, now + many - 1, [many - 1]));
      await append(columnsOf(2, now - 0.001, [5]));

      await append(columnsOf(1, now, ramp));
      await append(columnsOf(2, now, ramp));

      expect(await stored()).toEqual({ n: 2 * many + 1, total: 2 * total + 5, texts: 0, late: 0 });
    });

    it("keep their texts and times of receipt", async () => {
      const texts = { ...columnsOf(1, now, [...ramp, "open"]), serverTimes: new Float64Array(many + 1).fill(now) };
      await append(texts);

      expect(await stored()).toEqual({ n: many + 1, total, texts: 1, late: many + 1 });
    });

    it("are refused together with the one that the engine refuses, and the next ones go in", async () => {
      await expect(append(columnsOf(1, now, [...ramp, "no\0text"]))).rejects.toBeInstanceOf(RowsRefused);
      expect(await stored()).toEqual({ n: 0, total: null, texts: 0, late: 0 });

      await append(columnsOf(1, now, ramp));
      expect(await stored()).toEqual({ n: many, total, texts: 0, late: 0 });
    });
  });
}
