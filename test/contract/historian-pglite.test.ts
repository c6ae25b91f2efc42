import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { embeddedFolder, removeFolder, removeTemplate } from "../support/embedded-folder.ts";
import { testDevice } from "../support/history-samples.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { eventJournalContract } from "./event-journal.contract.ts";
import { historianContract } from "./historian.contract.ts";

afterAll(removeTemplate);

for (const contract of [historianContract, eventJournalContract]) {
  contract(
    "PGlite",
    async () => ({ folder: await embeddedFolder(), databaseUrl: undefined }),
    (place) => removeFolder(place.folder),
  );
}

describe("the embedded store", () => {
  const device = testDevice("CB-1", [{ name: "P" }]);

  const open = (folder: string): Promise<Historian> =>
    openHistorian({ folder, databaseUrl: undefined, clock: systemClock, logger: silentLogger(), random: Math.random });

  function send(historian: Historian, count: number): void {
    const batch = new SampleBatch();
    batch.reset(Date.now());
    for (let i = 0; i < count; i += 1) batch.add(0, i, batch.receivedAt + i, Quality.good);
    historian.writer.accept(device, batch);
  }

  /** Flushes until it works, which a broken engine needs some attempts for. */
  async function flushAtLast(historian: Historian): Promise<string[]> {
    const failures: string[] = [];
    for (;;) {
      try {
        await historian.writer.flush();
        return failures;
      } catch {
        failures.push(historian.health().detail);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  it("refuses a folder that is open already", { timeout: 60_000 }, async () => {
    const folder = await embeddedFolder();
    await using _first = await open(folder);

    await expect(open(folder)).rejects.toMatchObject({ code: "data-folder-in-use" });
  });

  it("refuses a second host's process on its folder, and goes on undisturbed", { timeout: 60_000 }, async () => {
    const folder = await embeddedFolder();
    await using historian = await open(folder);
    send(historian, 100);
    const script = new URL("../support/history-writer-process.ts", import.meta.url).pathname;

    const second = spawnSync(process.execPath, [script, folder, "", "0", "stored"], { encoding: "utf8" });

    expect(second.stderr).toMatch(new RegExp(`in use by pid ${process.pid}`));
    expect(second.stdout).toBe("");
    send(historian, 100);
    await historian.writer.flush();
    expect(historian.counters()).toMatchObject({ accepted: 200, queued: 0 });
  });

  it("replaces an engine that breaks while it runs, keeps what waits, and says so", { timeout: 120_000 }, async () => {
    const folder = await embeddedFolder();
    await using historian = await open(folder);
    send(historian, 10);
    await historian.writer.flush();
    await rm(join(folder, "pgdata", "pg_wal"), { recursive: true });

    // Enough to need a new file of the log.
    send(historian, 150_000);
    const failures = await flushAtLast(historian);

    expect(failures[0]).toContain("pg_wal");
    expect(historian.counters()).toMatchObject({ accepted: 150_010, stored: 150_010, queued: 0 });
    expect(historian.health().detail).toContain("an unreadable database was moved to");
  });

  it("starts empty beside a database that it cannot read, and keeps that one", { timeout: 120_000 }, async () => {
    const folder = await embeddedFolder();
    await (await open(folder))[Symbol.asyncDispose]();
    await writeFile(join(folder, "pgdata", "global", "pg_control"), Buffer.alloc(8192, 7));

    await using historian = await open(folder);

    expect(historian.health()).toMatchObject({ available: true });
    const aside = readdirSync(folder).find((name) => name.startsWith("pgdata.unreadable-")) ?? "";
    expect(existsSync(join(folder, aside, "PG_VERSION"))).toBe(true);
  });
});
