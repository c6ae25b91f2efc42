import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Load } from "#bench/history/load.ts";
import { openWriter } from "#bench/history/measure.ts";
import { cpuUs } from "#bench/ingest/child.ts";
import { PgliteDriver } from "#historian/store/pglite-driver.ts";
import { openSqlHistoryStore } from "#historian/store/sql-history-store.ts";
import { systemClock } from "#lib/clock.ts";
import { costRatio } from "./in-turn.ts";

const rows = 10_000;
const day = Date.UTC(2026, 5, 15);

const bareInsertSql = `
TRUNCATE bare;
INSERT INTO bare (series_id, ts, value, status)
SELECT 1 + i % 2000, to_timestamp(${day / 1000}) + i / 2000 * interval '1 second', sin(i), 0
FROM generate_series(0, ${rows - 1}) AS i`;

const bareReadSql = `
COPY (SELECT ts, value, status FROM history WHERE series_id <= 400 ORDER BY series_id, ts) TO STDOUT (FORMAT binary)`;

/**
 * Processor time, all threads, of what the embedded store does against the least that its engine needs for it: a value on its
 * way through journal, sorting and store against a bare INSERT into a table of the same form, and a page of values as
 * columns against its bare COPY.
 */
export async function historyRatios() {
  const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-history-"));
  const driver = new PgliteDriver({ folder: join(folder, "store"), clock: systemClock });
  await using store = await openSqlHistoryStore(driver);
  await store.maintain(day, {});
  await driver.execute("CREATE TABLE bare (LIKE history INCLUDING ALL)");
  const { writer, close } = await openWriter(store, join(folder, "journal"));
  const load = new Load();
  const cost = async (count: number, action: () => Promise<unknown>): Promise<number> => {
    const before = cpuUs();
    await action();
    return (cpuUs() - before) / count;
  };

  const { ratio: ingest } = await costRatio(
    20,
    () =>
      cost(rows, async () => {
        load.send(rows, (device, batch) => writer.accept(device, batch));
        while (writer.counters().queued > 0) await writer.flush();
      }),
    () => cost(rows, () => driver.execute(bareInsertSql)),
  );
  await close();

  // All at once, as a client's request asks for them.
  const keys = (await store.listSeries()).slice(0, 400).map(({ key }) => key);
  const reads = keys.map((key) => ({ key, from: day, to: day + 86_400_000, reverse: false, limit: 1_000 }));
  let values = 0;
  const { ratio: read } = await costRatio(
    20,
    () =>
      cost(1, async () => {
        values = (await store.readRaw(reads)).reduce((sum, { times }) => sum + times.length, 0);
      }),
    () => cost(1, () => driver.copyOut(bareReadSql, () => undefined)),
  );
  if (values < 20_000) throw new Error(`${values} values were read`);
  rmSync(folder, { recursive: true, force: true });
  return { historyIngestRatio: ingest, historyReadRatio: read };
}
