import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "../support/history-samples.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { TestDatabase, testServerUrl } from "../support/test-database.ts";

const device = testDevice("CB-1", [{ name: "P" }]);
const start = Date.UTC(2026, 0, 1);

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

  const open = (): Promise<Historian> =>
    openHistorian({
      folder,
      databaseUrl: database.urlAt("127.0.0.1", proxy.port),
      clock: systemClock,
      logger: silentLogger(),
      random: () => 0,
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
