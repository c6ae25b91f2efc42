import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { copyColumns, encodeCopy } from "#historian/codec/pg-copy.ts";
import { ColumnCollector } from "#historian/columns.ts";
import { defaultJournalLimits, Journal } from "#historian/journal/journal.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import { readProcessed } from "#historian/read-processed.ts";
import { SeriesTable } from "#historian/series-table.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import type { PgDriver } from "#historian/store/pg-store.ts";
import type { SqlDriver } from "#historian/store/sql-driver.ts";
import { HistoryWriter } from "#historian/writer.ts";
import { WriterTally } from "#historian/writer-tally.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { HostError } from "#model/errors.ts";
import { arrivalsOf, Load } from "./load.ts";

const log = createJsonLogger("silent", process.stderr);

/** A writer with a journal of its own before `store`. */
export async function openWriter(store: HistoryStore, folder: string) {
  const series = new SeriesTable();
  const journal = await Journal.open({
    folder,
    limits: { ...defaultJournalLimits, minFreeBytes: 0 },
    content: sampleContent(series),
    onLost: (rows, reason) => {
      throw new Error(`${rows} rows lost: ${reason}`);
    },
  });
  const common = { clock: systemClock, logger: log, random: Math.random };
  const onRefused = (): Promise<void> => Promise.reject(new Error("rows were refused"));
  const writer = new HistoryWriter({ ...common, store, journal, series, tally: new WriterTally(), onRefused });
  const close = async (): Promise<void> => {
    await writer.close();
    await journal[Symbol.asyncDispose]();
  };
  return { writer, close };
}

/** Values per second that go durably through journal, sorting and store, as fast as they are taken. */
export async function ingestRate(store: HistoryStore, folder: string, values: number, hour = 0): Promise<number> {
  const { writer, close } = await openWriter(store, folder);
  const load = new Load(hour);
  load.send(5000, (device, batch) => writer.accept(device, batch));
  await writer.flush();
  const start = performance.now();
  for (const from = load.sent; load.sent < from + values; ) {
    load.send(5000, (device, batch) => writer.accept(device, batch));
    // A full queue is enough to keep the store busy.
    while (writer.counters().queued > 50_000) await sleep(1);
  }
  while (writer.counters().queued > 0) await writer.flush().catch(() => undefined);
  const rate = writer.counters().stored / ((performance.now() - start) / 1000);
  await close();
  return rate;
}

/** The same engine without its COPY of rows: they go in by statements that take any row, old or new. */
export function withoutCopy(driver: SqlDriver): SqlDriver {
  return {
    get generation() {
      return driver.generation;
    },
    cleansItself: driver.cleansItself,
    query: (sql, parameters) => driver.query(sql, parameters),
    copyOut: (sql, take) => driver.copyOut(sql, take),
    execute: (script) => driver.execute(script),
    health: () => driver.health(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Rows per second of the server's own COPY of one binary file into the same empty table, in the order of arrival. */
export async function copyRate(driver: PgDriver, values: number): Promise<number> {
  const rows = arrivalsOf(values);
  const folder = mkdtempSync(join(tmpdir(), "bench-copy-"));
  try {
    // The server reads it as a user of its own.
    chmodSync(folder, 0o755);
    const file = join(folder, "rows");
    writeFileSync(file, encodeCopy(rows), { mode: 0o644 });
    const begin = performance.now();
    await driver.execute(`COPY history (${copyColumns}) FROM '${file}' (FORMAT binary)`);
    return values / ((performance.now() - begin) / 1000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The longest time, in ms, that the main thread answered nothing while 100,000 values a second arrived. */
export async function longestStall(store: HistoryStore, folder: string, seconds: number) {
  const { writer, close } = await openWriter(store, folder);
  const load = new Load(20);
  load.send(20_000, (device, batch) => writer.accept(device, batch));
  await writer.flush();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // On a busy machine the thread waits for its turn as well: what it did itself shows in its processor time.
  let cpu = threadCpuMs();
  let stallCpuMs = 0;
  const turns = setInterval(() => {
    const now = threadCpuMs();
    stallCpuMs = Math.max(stallCpuMs, now - cpu);
    cpu = now;
  }, 1);
  const start = performance.now();
  for (let tick = 0; tick < seconds * 100; tick += 1) {
    load.send(1000, (device, batch) => writer.accept(device, batch));
    await sleep(Math.max(0, start + (tick + 1) * 10 - performance.now()));
  }
  clearInterval(turns);
  delay.disable();
  const rate = load.sent / ((performance.now() - start) / 1000);
  await close();
  return { stallMs: delay.max / 1e6 - 1, stallP99Ms: delay.percentile(99) / 1e6 - 1, stallCpuMs, rate };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Values per second that leave the journal once the store is back, while new ones go on arriving at `liveRate`. */
export async function drainRate(
  store: HistoryStore,
  folder: string,
  liveRate: number,
  outageS: number,
): Promise<number> {
  let isAway = true;
  const append = store.append.bind(store);
  store.append = (rows, generation) =>
    isAway ? Promise.reject(new HostError("history-unavailable", "bench")) : append(rows, generation);
  const { writer, close } = await openWriter(store, folder);
  const load = new Load();
  for (let second = 0; second < outageS; second += 1) {
    load.send(liveRate, (device, batch) => writer.accept(device, batch));
    await writer.durable();
  }
  isAway = false;
  const start = performance.now();
  const live = setInterval(() => load.send(liveRate / 10, (device, batch) => writer.accept(device, batch)), 100);
  while (writer.counters().queued > liveRate) await sleep(5);
  const rate = writer.counters().stored / ((performance.now() - start) / 1000);
  clearInterval(live);
  await close();
  store.append = append;
  return rate;
}

/** Milliseconds for 1-minute averages of a million values of one series, over those for reading the values. */
export async function aggregateTimes(store: HistoryStore, driver: PgDriver | undefined, values: number) {
  const key = "AGG-1/P";
  const info = { key, device: "AGG-1", parameter: "P", dataType: "double", unit: "" } as const;
  const [id = 0] = await store.ensureSeries([info]);
  const start = Date.UTC(2026, 4, 1);
  for (let from = 0; from < values; from += 10_000) {
    const collector = new ColumnCollector(10_000);
    for (let i = from; i < from + 10_000; i += 1) collector.add(id, start + i * 1000, Math.sin(i / 700), 0);
    await store.append(collector.take(), store.generation);
  }
  // As the server's autovacuum would: without statistics the summaries are planned badly.
  await driver?.execute("ANALYZE history, rollup_due");
  while ((await store.refreshRollups(start + (values + 7200) * 1000, 20)) > 0);
  await driver?.execute("ANALYZE history, rollup_1m");
  const rawMs = await median(3, async () => {
    for (let from = start, more = true; more; ) {
      const [page] = await store.readRaw([{ key, from, to: start + values * 1000, reverse: false, limit: 50_000 }]);
      more = page?.more ?? false;
      from = (page?.times.at(-1) ?? 0) + 0.001;
    }
  });
  const endTime = start + Math.floor(values / 60) * 60_000;
  const configuration = defaultAggregateConfiguration;
  const request = { startTime: start, endTime, processingIntervalMs: 60_000, stepped: false, configuration };
  const averageMs = await median(3, async () => {
    const { values: found } = await readProcessed(store, key, { ...request, aggregate: "Average" });
    if (!Number.isFinite(found[found.length - 1] ?? Number.NaN)) throw new Error("there is no last average");
  });
  return { rawMs, averageMs, rawPointsPerS: values / (rawMs / 1000) };
}

async function median(runs: number, action: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    await action();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[runs >> 1] ?? Number.NaN;
}
