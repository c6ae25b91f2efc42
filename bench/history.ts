import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PgDriver } from "#historian/store/pg-store.ts";
import { PgliteDriver } from "#historian/store/pglite-driver.ts";
import { openSqlHistoryStore } from "#historian/store/sql-history-store.ts";
import { systemClock } from "#lib/clock.ts";
import { bytesPerValue } from "./history/bytes-per-value.ts";
import { aggregateTimes, copyRate, drainRate, ingestRate, longestStall, withoutCopy } from "./history/measure.ts";
import { readFigures } from "./support/history-read.ts";
import { report } from "./support/report.ts";

/**
 * What the history store can do, as ratios of one run: ingest against the server's own COPY, the embedded store against the
 * native one, aggregates against raw values, an outage against the live rate. Uses the PostgreSQL of
 * FDI_HOST_TEST_DATABASE_URL, else one that it starts where PostgreSQL is installed; without any, those fields are null.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    values: { type: "string", default: "400000" },
    runs: { type: "string", default: "3" },
    "read-values": { type: "string", default: "500000" },
  },
});
const values = Number(options.values);
const runs = Number(options.runs);
const url = process.env["FDI_HOST_TEST_DATABASE_URL"];

const servers = "/usr/lib/postgresql";
if (url === undefined && existsSync(servers) && readdirSync(servers).length > 0) {
  const root = resolve(import.meta.dirname, "..");
  const args = [join(root, ".ci/postgres"), process.execPath, join(root, "bench/main.ts"), "history"];
  const child = spawnSync("bash", [...args, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(child.status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-history-"));
let folders = 0;
const nextFolder = (): string => join(folder, String((folders += 1)));

const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
/** The fleet's life begins on this day: its partition is made first. */
const day = Date.UTC(2026, 5, 15);

const embeddedDriver = new PgliteDriver({ folder: join(folder, "embedded"), clock: systemClock });
await using embedded = await openSqlHistoryStore(embeddedDriver);
const embeddedUpsert = await openSqlHistoryStore(withoutCopy(embeddedDriver));
await embedded.maintain(day, {});
// The engine is compiled further while it works.
await ingestRate(embedded, nextFolder(), values / 4);
await ingestRate(embeddedUpsert, nextFolder(), values / 4, 1);

/** An empty table, and nothing left to write of the one before. */
async function empty(driver: PgDriver): Promise<void> {
  await driver.execute("TRUNCATE history");
  await driver.execute("CHECKPOINT");
}

async function nativeFigures(driver: PgDriver) {
  // What an earlier run left would be met again: an upsert of the same rows is no ingest.
  await driver.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
  const turbo = await openSqlHistoryStore(driver);
  const upsert = await openSqlHistoryStore(withoutCopy(driver));
  await turbo.maintain(day, {});
  const rates: Record<"copy" | "upsert" | "turbo" | "embedded" | "embeddedUpsert", number[]> = {
    copy: [],
    upsert: [],
    turbo: [],
    embedded: [],
    embeddedUpsert: [],
  };
  // In turn, so that a busy machine hits all of them alike.
  for (let run = 0; run < runs; run += 1) {
    await empty(driver);
    rates.copy.push(await copyRate(driver, values));
    await empty(driver);
    rates.upsert.push(await ingestRate(upsert, nextFolder(), values));
    rates.embeddedUpsert.push(await ingestRate(embeddedUpsert, nextFolder(), values / 2, 2 + 2 * run));
    await empty(driver);
    rates.turbo.push(await ingestRate(turbo, nextFolder(), values));
    rates.embedded.push(await ingestRate(embedded, nextFolder(), values / 2, 3 + 2 * run));
  }
  await empty(driver);
  const drain = await drainRate(turbo, nextFolder(), 10_000, 30);
  const aggregates = await aggregateTimes(turbo, driver, 1_000_000);
  const bytes = await bytesPerValue(driver);
  const { copy, ...others } = rates;
  return {
    copy: middle(copy),
    upsert: middle(others.upsert),
    turbo: middle(others.turbo),
    embedded: middle(others.embedded),
    embeddedUpsert: middle(others.embeddedUpsert),
    drain,
    aggregates,
    bytes,
  };
}

const driver = url === undefined ? undefined : new PgDriver(url);
const native = driver === undefined ? undefined : await nativeFigures(driver);
const embeddedPerS = native?.embedded ?? (await ingestRate(embedded, nextFolder(), values / 2, 2));
const stall = await longestStall(embedded, nextFolder(), 5);
const embeddedBytes = await bytesPerValue(embeddedDriver);
await driver?.[Symbol.asyncDispose]();
const read = await readFigures(nextFolder(), url, Number(options["read-values"]));

const ratio = (of: number | undefined, to: number | undefined): number | null =>
  of === undefined || to === undefined ? null : of / to;

report("history", {
  store: native === undefined ? "embedded" : "PostgreSQL",
  ingestRatio: ratio(native?.upsert, native?.copy),
  turboRatio: ratio(native?.turbo, native?.copy),
  embeddedRatio: ratio(native?.embeddedUpsert, native?.upsert),
  stallMs: stall.stallMs,
  stallP99Ms: stall.stallP99Ms,
  stallCpuMs: stall.stallCpuMs,
  stallValuesPerS: stall.rate,
  readPointsPerS: read.pointsPerS,
  readRatio: read.ratio,
  readServerUsPerPoint: read.serverUsPerPoint,
  aggregateRatio: ratio(native?.aggregates.averageMs, native?.aggregates.rawMs),
  bytesPerValue: native?.bytes.columnstore ?? null,
  rowBytesPerValue: native?.bytes.rows ?? null,
  embeddedBytesPerValue: embeddedBytes.rows,
  drainRatio: ratio(native?.drain, 10_000),
  copyPerS: native?.copy ?? null,
  upsertPerS: native?.upsert ?? null,
  turboPerS: native?.turbo ?? null,
  embeddedPerS,
  embeddedUpsertPerS: native?.embeddedUpsert ?? null,
  drainPerS: native?.drain ?? null,
  rawStorePointsPerS: native?.aggregates.rawPointsPerS ?? null,
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
