import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultJournalLimits, Journal } from "#historian/journal/journal.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import { SeriesTable } from "#historian/series-table.ts";
import { HistoryWriter } from "#historian/writer.ts";
import { WriterTally } from "#historian/writer-tally.ts";
import { systemClock } from "#lib/clock.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "../support/history-samples.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { silentLogger } from "../support/silent-logger.ts";

const device = testDevice("CB-1", [{ name: "P" }]);
const start = Date.UTC(2026, 0, 1);
const isRoot = process.getuid?.() === 0;

// Only root may mount the small disk.
describe.skipIf(!isRoot || process.platform !== "linux")("a journal whose disk is full", { timeout: 60_000 }, () => {
  const disk = mkdtempSync(join(tmpdir(), "full-disk-"));

  beforeAll(() => execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]));

  afterAll(() => {
    execFileSync("umount", ["--lazy", disk]);
    rmSync(disk, { recursive: true });
  });

  async function open(store: MemoryStore, minFreeBytes: number) {
    const series = new SeriesTable();
    const journal = await Journal.open({
      folder: disk,
      limits: { ...defaultJournalLimits, segmentBytes: 64 * 1024, minFreeBytes },
      content: sampleContent(series),
      onLost: (rows, reason) => expect.unreachable(`${rows} ${reason}`),
    });
    const tally = new WriterTally();
    tally.recovered(await journal.pendingRows());
    const parts = { store, journal, series, tally, clock: systemClock, logger: silentLogger(), random: () => 0 };
    const writer = new HistoryWriter({ ...parts, onRefused: async () => undefined });
    return { journal, writer };
  }

  function send(writer: HistoryWriter, first: number, count: number): void {
    const batch = new SampleBatch();
    batch.reset(start);
    for (let i = first; i < first + count; i += 1) batch.add(0, i, start + i, Quality.good);
    writer.accept(device, batch);
  }

  it.each([
    { claim: "stops before the disk is full where it has to leave some", minFreeBytes: 256 * 1024, isFull: true },
    { claim: "stops when the disk says so", minFreeBytes: 0, isFull: false },
  ])("$claim, acknowledges nothing more, and loses and doubles nothing", async ({ minFreeBytes, isFull }) => {
    const store = new MemoryStore();
    store.failure = new HostError("history-unavailable", "no route");
    const { journal, writer } = await open(store, minFreeBytes);
    let sent = 0;
    let acknowledged = 0;
    while (writer.trouble()?.place !== "journal") {
      send(writer, sent, 1000);
      sent += 1000;
      await Promise.race([writer.durable().then(() => (acknowledged = sent)), wait(300)]);
    }
    expect(acknowledged).toBeLessThan(sent);
    expect(acknowledged).toBeGreaterThan(10_000);
    if (isFull) expect(writer.trouble()?.isFull).toBe(true);
    // Not a byte is left for anything else.
    else expect(() => writeFileSync(join(disk, "more"), Buffer.alloc(64 * 1024))).toThrow(/ENOSPC/);
    rmSync(join(disk, "more"), { force: true });

    store.failure = undefined;
    for (let i = 0; i < 300 && writer.counters().queued > 0; i += 1) await wait(50);

    expect(writer.counters()).toMatchObject({ accepted: sent, stored: sent, merged: 0, queued: 0 });
    expect(new Set(store.values).size).toBe(sent);
    await writer.close();
    await journal[Symbol.asyncDispose]();
  });

  it("still has everything acknowledged when the host dies on the full disk", async () => {
    const away = new MemoryStore();
    away.failure = new HostError("history-unavailable", "no route");
    const first = await open(away, 0);
    let acknowledged = 0;
    for (let sent = 0; first.writer.trouble()?.place !== "journal"; ) {
      send(first.writer, sent, 1000);
      sent += 1000;
      await Promise.race([first.writer.durable().then(() => (acknowledged = sent)), wait(300)]);
    }
    // Killed: nothing is closed.
    const store = new MemoryStore();

    const second = await open(store, 0);
    for (let i = 0; i < 300 && second.writer.counters().queued > 0; i += 1) await wait(50);

    const found = new Set(store.values);
    expect(Array.from({ length: acknowledged }, (_, i) => i).filter((i) => !found.has(i))).toEqual([]);
    await second.writer.close();
    await second.journal[Symbol.asyncDispose]();
    await first.writer.close(1);
  });
});
