import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WarningBoard } from "#fleet/warning-board.ts";
import { type Historian, type HistorianOptions, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "../support/history-samples.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { TestDatabase, testServerCtl, testServerUrl } from "../support/test-database.ts";

const device = testDevice("CB-1", [{ name: "P" }]);
const start = Date.UTC(2026, 0, 1);
/** The nightly tests stop the database for a minute. */
const outageS = Number(process.env["FDI_HOST_TEST_OUTAGE_S"] ?? "3");

describe.skipIf(testServerUrl === undefined)("the historian over a PostgreSQL that fails", { timeout: 60_000 }, () => {
  let folder: string;
  let database: TestDatabase;
  let proxy: TcpProxy;
  let sent: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "historian-"));
    database = await TestDatabase.create(testServerUrl ?? "");
    const { hostname, port } = new URL(testServerUrl ?? "");
    proxy = await TcpProxy.to(hostname, Number(port === "" ? "5432" : port));
    sent = 0;
  });

  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (options: Partial<HistorianOptions> = {}): Promise<Historian> =>
    openHistorian({
      folder,
      databaseUrl: database.urlAt("127.0.0.1", proxy.port),
      clock: systemClock,
      logger: silentLogger(),
      random: () => 0,
      ...options,
    });

  /** Sends the next values: value n at n milliseconds. */
  function send(historian: Historian, count: number): void {
    const batch = new SampleBatch();
    batch.reset(start + sent);
    for (let i = 0; i < count; i += 1, sent += 1) batch.add(0, sent, start + sent, Quality.good);
    historian.writer.accept(device, batch);
  }

  async function allStored(historian: Historian): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (historian.counters().queued > 0 && Date.now() < deadline) {
      await historian.writer.flush().catch(() => undefined);
      await wait(20);
    }
    expect(historian.counters()).toMatchObject({ stored: sent, merged: 0, queued: 0 });
    const [row] = await database.run(
      "SELECT count(*)::int AS rows, count(DISTINCT value)::int AS values, max(value)::int AS last FROM history",
    );
    expect(row).toEqual({ rows: sent, values: sent, last: sent - 1 });
  }

  it("starts without the database, says so, and stores everything when it is there", async () => {
    proxy.isDown = true;
    await using historian = await open();
    send(historian, 2000);
    await historian.writer.durable();
    expect(historian.health().available).toBe(false);
    expect(historian.health().detail).toContain(`127.0.0.1:${proxy.port}`);

    proxy.isDown = false;

    await allStored(historian);
    expect(historian.health().available).toBe(true);
  });

  it("keeps what it could not store for the next start", async () => {
    proxy.isDown = true;
    const first = await open();
    send(first, 3000);
    await first[Symbol.asyncDispose]();
    proxy.isDown = false;

    await using second = await open();

    expect(second.counters().recovered).toBe(3000);
    await allStored(second);
  });

  it("loses and doubles nothing when connections are cut in the middle of writing", async () => {
    await using historian = await open();
    send(historian, 1000);
    await historian.writer.flush();

    for (let round = 0; round < 10; round += 1) {
      proxy.cutAfterBytes = 20_000 + 30_000 * round;
      proxy.cut();
      send(historian, 5000);
      await wait(60);
    }
    proxy.cutAfterBytes = Number.POSITIVE_INFINITY;

    await allStored(historian);
  });

  it("stores everything in bigger pieces when the database is slow, and takes samples as ever meanwhile", async () => {
    proxy.delayMs = 300;
    await using historian = await open();

    for (let second = 0; second < 20; second += 1) {
      send(historian, 1000);
      await historian.writer.durable();
    }

    expect(historian.counters().queued).toBeGreaterThan(5000);
    await allStored(historian);
  });

  it("gives up on a page that the database does not answer, and takes samples as ever meanwhile", async () => {
    await using historian = await open();
    send(historian, 1000);
    await historian.writer.flush();
    const query = { device: device.id, parameter: "P", from: start, to: start + 1000, reverse: false, limit: 1000 };
    const lock = await database.locked("history");
    const begin = performance.now();
    const page = historian.raw(query).catch((error: unknown) => error);

    for (let i = 0; i < 5; i += 1) {
      send(historian, 1000);
      await historian.writer.durable();
    }
    expect(performance.now() - begin).toBeLessThan(5000);

    expect(await page).toMatchObject({ code: "history-unavailable" });
    expect(performance.now() - begin).toBeLessThan(15_000);
    await lock[Symbol.asyncDispose]();
    await allStored(historian);
    expect((await historian.raw(query)).times).toHaveLength(1000);
  });

  it.skipIf(testServerCtl === undefined)(
    `takes values while the database is stopped for ${outageS} s, acknowledges each, and loses and doubles none`,
    { timeout: (outageS + 60) * 1000 },
    async () => {
      const warnings = new WarningBoard();
      await using historian = await open({ warnings });
      send(historian, 1000);
      await historian.writer.flush();
      execFileSync(testServerCtl ?? "", ["stop"], { stdio: "ignore" });
      try {
        for (let tenth = 0; tenth < outageS * 10; tenth += 1) {
          send(historian, 1000);
          await historian.writer.durable();
          await wait(100);
        }
        expect(warnings.find("history-unavailable", undefined)).toBeDefined();
      } finally {
        execFileSync(testServerCtl ?? "", ["start"], { stdio: "ignore" });
      }

      await allStored(historian);
      await wait(1100);
      expect(warnings.all()).toEqual([]);
    },
  );

  it("stores values that come out of order, years late or from a future clock, each once", async () => {
    await using historian = await open();
    const year = 365 * 86_400_000;
    const offsets = [0, -30 * year, 5, 3, -1, 20 * year, 4, -30 * year, 5, -2 * year].map((offset) => start + offset);
    const batch = new SampleBatch();
    batch.reset(start);
    for (const [i, time] of offsets.entries()) batch.add(0, i, time, Quality.good);
    historian.writer.accept(device, batch);
    await historian.writer.flush();
    historian.writer.accept(device, batch);

    const all = { device: device.id, parameter: "P", from: undefined, to: undefined, reverse: false, limit: 100 };
    const { times, values } = await historian.raw(all);

    expect([...times]).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
    // Of two values of one time the later one holds.
    expect([...values]).toEqual([7, 9, 4, 0, 3, 6, 8, 5]);
    expect(historian.counters()).toMatchObject({ accepted: 20, stored: 16, merged: 4, queued: 0 });
  });

  it("keeps what was changed by hand when the host dies right after it", async () => {
    await using historian = await open();
    send(historian, 3);
    await historian.writer.flush();
    const [parameter] = device.package.parameters;
    if (parameter === undefined) return expect.unreachable();
    const about = { device: device.id, parameter, user: "anna", at: start };
    const value = { values: Float64Array.of(99), qualities: Uint32Array.of(Quality.good), texts: undefined };
    await historian.editor.edit({ ...about, mode: "replace", times: Float64Array.of(start + 1), ...value });
    await historian.editor.deleteAt({ ...about, times: Float64Array.of(start + 2) });
    const left = mkdtempSync(join(tmpdir(), "historian-"));
    using _removed = { [Symbol.dispose]: () => rmSync(left, { recursive: true, force: true }) };
    cpSync(join(folder, "journal"), join(left, "journal"), { recursive: true });

    await using next = await open({ folder: left });
    await next.writer.flush();

    const all = { device: device.id, parameter: "P", from: undefined, to: undefined, reverse: false, limit: 10 };
    expect([...(await next.raw(all)).values]).toEqual([0, 99]);
  });

  it("stores each value once when two hosts with the same devices write into one database", async () => {
    await using one = await open();
    const otherFolder = mkdtempSync(join(tmpdir(), "historian-"));
    using _removed = { [Symbol.dispose]: () => rmSync(otherFolder, { recursive: true, force: true }) };
    await using other = await open({ folder: otherFolder });

    for (let round = 0; round < 5; round += 1) {
      const from = sent;
      send(one, 1000);
      sent = from;
      send(other, 1000);
    }
    await Promise.all([one.writer.flush(), other.writer.flush()]);

    const [row] = await database.run("SELECT count(*)::int AS rows, count(DISTINCT value)::int AS values FROM history");
    expect(row).toEqual({ rows: sent, values: sent });
  });

  it("reads old history while a backlog of new samples waits, and refuses to show a gap as if there were none", async () => {
    await using historian = await open();
    send(historian, 100);
    await historian.writer.flush();
    await database.run("ALTER TABLE history ADD CONSTRAINT nothing_new CHECK (false) NOT VALID");
    await database.run("ALTER TABLE history RENAME TO history_away");
    send(historian, 100);
    await historian.writer.flush().catch(() => undefined);
    expect(historian.writer.pendingRange()).toEqual({ from: start + 100, to: start + 199 });
    await database.run("ALTER TABLE history_away DROP CONSTRAINT nothing_new");
    await database.run("CREATE VIEW history AS SELECT * FROM history_away WHERE value IS NOT NULL");
    const query = { device: device.id, parameter: "P", reverse: false, limit: 1000 };

    const old = await historian.raw({ ...query, from: start, to: start + 100 });
    const withGap = historian.raw({ ...query, from: start, to: start + 101 });

    expect(old.times).toHaveLength(100);
    await expect(withGap).rejects.toMatchObject({ code: "history-unavailable" });
    await database.run("DROP VIEW history; ALTER TABLE history_away RENAME TO history");
    await allStored(historian);
  });

  it("puts a row that the database refuses into quarantine, with the reason, and stores all others", async () => {
    await using historian = await open();
    send(historian, 1);
    await historian.writer.flush();
    await database.run("ALTER TABLE history ADD CONSTRAINT no_700 CHECK (value <> 700)");

    send(historian, 2000);
    await historian.writer.flush();

    expect(historian.counters()).toMatchObject({ stored: 2000, queued: 0, dropped: { "refused-by-store": 1 } });
    const lines = readFileSync(join(folder, "journal", "quarantine", "refused.ndjson"), "utf8")
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ series: "CB-1/P", value: "700", sqlState: "23514", time: "2026-01-01T00:00:00.700Z" }),
    ]);
  });
});
