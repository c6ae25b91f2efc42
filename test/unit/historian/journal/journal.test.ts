import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistoryColumns } from "#historian/columns.ts";
import { defaultJournalLimits, Journal, type JournalLimits } from "#historian/journal/journal.ts";
import { JournalFull } from "#historian/journal/record-journal.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import { columnsOf, testSeries } from "../../../support/history-columns.ts";

let folder: string;
let lost: [rows: number, reason: string][];

// In memory where the system has such a place: the tests open hundreds of journals.
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

beforeEach(() => {
  folder = mkdtempSync(join(parent, "journal-"));
  lost = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limits = { ...defaultJournalLimits, minFreeBytes: 0 };

const open = (changes: Partial<JournalLimits> = {}): Promise<Journal<HistoryColumns>> =>
  Journal.open({
    folder,
    limits: { ...limits, ...changes },
    content: sampleContent({ infoOf: testSeries, numberOfInfo: (info) => Number(info.device.slice(1)) }),
    onLost: (rows, reason) => lost.push([rows, reason]),
  });

const batch = (seq: number, rows = 1) => columnsOf(seq % 5, 1000 * seq, Array<number>(rows).fill(seq));

async function fill(journal: Journal<HistoryColumns>, from: number, to: number, rows = 1): Promise<void> {
  for (let seq = from; seq <= to; seq += 1) await journal.append([batch(seq, rows)]);
}

async function readAll(journal: Journal<HistoryColumns>, after = journal.committed): Promise<number[]> {
  const found: number[] = [];
  for (let record = await journal.next(after); record !== undefined; record = await journal.next(record.seq)) {
    found.push(record.batch.values[0] ?? Number.NaN);
    expect(record.batch.series[0]).toBe(record.seq % 5);
  }
  return found;
}

const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".fdj"));
const segmentFile = (i: number): string => join(folder, segments()[i] ?? "");
const upTo = (n: number, from = 1): number[] => Array.from({ length: n - from + 1 }, (_, i) => from + i);

/** Small enough that three records of one sample fill a segment. */
const small = { segmentBytes: 400 };

describe("Journal", () => {
  it("gives back what was appended, in order, also after a restart", async () => {
    const first = await open(small);
    await fill(first, 1, 10);
    expect(await readAll(first)).toEqual(upTo(10));
    await first[Symbol.asyncDispose]();

    await using second = await open(small);
    expect(await second.pendingRows()).toBe(10);
    await fill(second, 11, 12);

    expect(await readAll(second)).toEqual(upTo(12));
    expect(second.pendingRange()).toEqual({ from: 1000, to: 12_000 });
  });

  it("begins again behind the cursor and removes what lies before it", async () => {
    const first = await open(small);
    await fill(first, 1, 10);
    const before = segments().length;
    first.commit(7);
    await first.persist();
    expect(segments().length).toBeLessThan(before);
    await first[Symbol.asyncDispose]();

    await using second = await open(small);

    expect(second.committed).toBe(7);
    expect(await second.pendingRows()).toBe(3);
    expect(await readAll(second)).toEqual([8, 9, 10]);
  });

  it("leaves nothing behind when everything is stored", async () => {
    const journal = await open();
    await fill(journal, 1, 3);
    journal.commit(3);
    expect(journal.pendingRange()).toBeUndefined();
    await journal[Symbol.asyncDispose]();

    expect(segments()).toEqual([]);
  });

  it("numbers on behind the cursor when the segments are gone", async () => {
    const first = await open();
    await fill(first, 1, 3);
    first.commit(3);
    await first[Symbol.asyncDispose]();

    await using second = await open();
    await fill(second, 4, 4);

    expect(await readAll(second)).toEqual([4]);
  });

  it("stores everything again when the cursor is unreadable", async () => {
    const first = await open(small);
    await fill(first, 1, 4);
    first.commit(1);
    await first[Symbol.asyncDispose]();
    writeFileSync(join(folder, "cursor"), "17 broken");

    await using second = await open(small);

    expect(second.committed).toBe(0);
    expect(await readAll(second)).toEqual(upTo(4));
  });

  it("keeps every earlier record wherever the last segment is cut, and goes on", { timeout: 60_000 }, async () => {
    const first = await open();
    await fill(first, 1, 3);
    const path = segmentFile(0);
    const whole = readFileSync(path);
    await first[Symbol.asyncDispose]();

    const lengths = new Set<number>();
    for (let cut = whole.length; cut >= 0; cut -= 1) {
      for (const name of segments()) rmSync(join(folder, name));
      writeFileSync(path, whole.subarray(0, cut));
      const journal = await open();
      const found = await readAll(journal);
      expect(found).toEqual(upTo(found.length));
      lengths.add(found.length);
      await journal.append([batch(found.length + 1)]);
      expect(await readAll(journal)).toEqual(upTo(found.length + 1));
      await journal[Symbol.asyncDispose]();
    }
    expect([...lengths]).toEqual([3, 2, 1, 0]);
    expect(lost).toEqual([]);
  });

  it("opens whatever bit is flipped, gives back nothing wrong and counts what is missing", {
    timeout: 60_000,
  }, async () => {
    const first = await open();
    await fill(first, 1, 4, 3);
    await first[Symbol.asyncDispose]();
    const path = segmentFile(0);
    const whole = readFileSync(path);

    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bytes);
      lost = [];
      const journal = await open();

      const found = await readAll(journal);

      expect(found).toEqual(found.toSorted((a, b) => a - b));
      expect(new Set([...found, 1, 2, 3, 4]).size).toBe(4);
      const missing = lost.reduce((sum, [rows]) => sum + rows, 0);
      expect(found.length).toBeGreaterThanOrEqual(3);
      expect(3 * found.length + missing).toBe(12);
      await journal[Symbol.asyncDispose]();
      for (const name of segments()) if (join(folder, name) !== path) rmSync(join(folder, name));
    }
  });

  it("stores again rather than too little when a bit of its cursor is flipped", async () => {
    const first = await open(small);
    await fill(first, 1, 9);
    first.commit(2);
    await first.persist();
    first.commit(3);
    await first[Symbol.asyncDispose]();
    const whole = readFileSync(join(folder, "cursor"));

    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(join(folder, "cursor"), bytes);

      await using journal = await open(small);

      expect(journal.committed).toBeLessThanOrEqual(3);
      expect((await readAll(journal)).slice(-6)).toEqual(upTo(9, 4));
      writeFileSync(join(folder, "cursor"), whole);
    }
  });

  it("keeps a damaged record in quarantine, counts its samples as lost and reads the rest", async () => {
    const first = await open();
    await fill(first, 1, 5, 3);
    await first[Symbol.asyncDispose]();
    const bytes = readFileSync(segmentFile(0));
    const hit = bytes.length - 120;
    bytes[hit] = (bytes[hit] ?? 0) ^ 4;
    writeFileSync(segmentFile(0), bytes);

    await using second = await open();
    const found = await readAll(second);

    expect(found).toHaveLength(4);
    expect(lost).toEqual([[3, "journal-damaged"]]);
    expect(readdirSync(join(folder, "quarantine"))).toHaveLength(1);
  });

  it("can still name the series of a segment when one of the two copies of the names is damaged", async () => {
    const first = await open();
    await fill(first, 1, 2);
    await first[Symbol.asyncDispose]();
    const bytes = readFileSync(segmentFile(0));
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    writeFileSync(segmentFile(0), bytes);

    await using second = await open();

    expect(await readAll(second)).toEqual([1, 2]);
  });

  it("moves a segment that is nothing but noise to quarantine", async () => {
    writeFileSync(join(folder, "0000000000000001.fdj"), Buffer.alloc(500, 9));

    await using journal = await open();
    await fill(journal, 1, 1);

    expect(await readAll(journal)).toEqual([1]);
    expect(readdirSync(join(folder, "quarantine"))).toEqual(["0000000000000001.fdj"]);
  });

  it("does not read what the writer still holds in memory", async () => {
    await using journal = await open(small);
    await fill(journal, 1, 9);
    journal.holdFrom(6);

    expect(await readAll(journal)).toEqual(upTo(5));

    journal.holdFrom(8);
    expect(await readAll(journal, 5)).toEqual([6, 7]);
  });

  it("takes nothing more at its limit, and takes again when there is room", async () => {
    await using journal = await open({ ...small, maxBytes: 1500 });
    await expect(fill(journal, 1, 100)).rejects.toThrow(JournalFull);
    const written = journal.lastSeq;
    expect(await readAll(journal)).toEqual(upTo(written));

    journal.commit(written - 1);
    await fill(journal, written + 1, written + 2);

    expect(await readAll(journal)).toEqual(upTo(written + 2, written));
    expect(lost).toEqual([]);
  });

  it("forgets the oldest samples at its limit where that is the policy, and counts them", async () => {
    await using journal = await open({ ...small, maxBytes: 1500, whenFull: "drop-oldest" });

    await fill(journal, 1, 100, 2);

    const found = await readAll(journal);
    expect(found.at(-1)).toBe(100);
    expect(found).toEqual(upTo(100, found[0]));
    expect(lost.every(([, reason]) => reason === "journal-overflow")).toBe(true);
    expect(lost.reduce((sum, [rows]) => sum + rows, 0) + 2 * found.length).toBe(200);
  });

  it("is full when its disk has too little left", async () => {
    await using journal = await open({ minFreeBytes: Number.MAX_SAFE_INTEGER });

    await expect(fill(journal, 1, 1)).rejects.toThrow(/disk .* left/);
  });

  it("reads a segment whose end a crash cut off, without its summary", async () => {
    const first = await open();
    await fill(first, 1, 4);
    await first[Symbol.asyncDispose]();
    truncateSync(segmentFile(0), readFileSync(segmentFile(0)).length - 60);

    await using second = await open();

    expect(await readAll(second)).toEqual([1, 2, 3]);
  });
});
