import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditFile } from "#app/audit/audit-file.ts";
import { HeadFile, readAnchor } from "#app/audit/audit-head.ts";
import { readAuditKey } from "#app/audit/audit-key.ts";
import { formatLine, genesisMac } from "#app/audit/audit-line.ts";
import { verifyAudit } from "#app/audit/verify-audit.ts";
import type { AuditEntry } from "#model/audit-entry.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const dayMs = 86_400_000;

let root = "";
let folder = "";
let clock: FakeClock;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fdi-host-audit-"));
  folder = join(root, "audit");
  clock = new FakeClock();
});

afterEach(() => rm(root, { recursive: true, force: true }));

function entry(commandId: string, kind: AuditEntry["kind"] = "intent"): AuditEntry {
  return {
    at: clock.now(),
    kind,
    commandId,
    user: "anna",
    origin: "test",
    device: "CB-1",
    action: "Trip",
    ...(kind === "outcome" ? { result: "confirmed", addCause: 0 } : {}),
  };
}

/** An audit of `days` days with one confirmed Trip each; entry 1 is the start. */
async function written(days = 1): Promise<void> {
  await using audit = new AuditFile({ folder, clock });
  await audit.start();
  for (let day = 1; day <= days; day += 1) {
    await audit.record(entry(`trip-${day}`));
    await audit.record(entry(`trip-${day}`, "outcome"));
    if (day < days) clock.advance(dayMs);
  }
}

const first = "audit-2026-01-01.jsonl";
const second = "audit-2026-01-02.jsonl";

async function edit(segment: string, change: (lines: string[]) => string[]): Promise<void> {
  const path = join(folder, segment);
  const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
  await writeFile(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(""),
  );
}

describe("an audit file", () => {
  it("is found intact over several days, in files that only their owner reads", async () => {
    await written(3);

    const { anchor, ...verdict } = await verifyAudit(folder);

    expect(anchor).toMatch(/^7:[0-9a-f]{64}$/);
    expect(verdict).toEqual({
      intact: true,
      segments: 3,
      entries: 7,
      fault: undefined,
      unresolved: [],
    });
    expect(await readdir(folder)).toContain("audit-2026-01-03.jsonl");
    expect((await stat(join(folder, first))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, "secrets", "audit.key"))).mode & 0o777).toBe(0o600);
  });

  it("says who, what, from where and when, one line of JSON each", async () => {
    await written();

    const [, line] = (await readFile(join(folder, first), "utf8")).split("\n");
    expect(JSON.parse(line ?? "")).toMatchObject({
      seq: 2,
      at: "2026-01-01T12:00:00.000Z",
      kind: "intent",
      commandId: "trip-1",
      user: "anna",
      origin: "test",
      device: "CB-1",
      action: "Trip",
    });
  });

  it("goes on where it ended after a restart", async () => {
    await written();
    clock.advance(dayMs);
    await written();

    expect(await verifyAudit(folder)).toMatchObject({ intact: true, segments: 2, entries: 6 });
  });

  it("never goes back to an older segment when the clock is set back", async () => {
    await written(2);
    clock.jump(-10 * dayMs);
    await written();

    expect((await readdir(folder)).sort()).toEqual([first, second, "head"]);
    expect(await verifyAudit(folder)).toMatchObject({ intact: true, entries: 8 });
  });

  it("keeps the order of entries that come at the same moment", async () => {
    await using audit = new AuditFile({ folder, clock });
    await Promise.all(Array.from({ length: 500 }, (_, i) => audit.record(entry(`c-${i}`))));

    const lines = (await readFile(join(folder, first), "utf8")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { commandId: string }).commandId)).toEqual(
      Array.from({ length: 500 }, (_, i) => `c-${i}`),
    );
    expect(await verifyAudit(folder)).toMatchObject({ intact: true, entries: 500 });
  });
});

describe("verify finds the first bad entry", () => {
  it("after an edit", async () => {
    await written(2);
    await edit(first, (lines) => lines.map((line) => line.replace('"user":"anna"', '"user":"otto"')));

    expect(await verifyAudit(folder)).toMatchObject({
      intact: false,
      entries: 1,
      fault: { segment: first, line: 2, entry: 2, problem: "entry 2 was altered, or one before it was replaced" },
    });
  });

  it("after a deletion", async () => {
    await written(2);
    await edit(first, (lines) => lines.filter((_, i) => i !== 1));

    expect((await verifyAudit(folder)).fault).toEqual({
      segment: first,
      line: 2,
      entry: 2,
      problem: "entry 2 is missing: found entry 3 in its place",
    });
  });

  it("after a reordering", async () => {
    await written(2);
    await edit(second, ([a = "", b = ""]) => [b, a]);

    expect((await verifyAudit(folder)).fault).toEqual({
      segment: second,
      line: 1,
      entry: 4,
      problem: "entry 4 is missing: found entry 5 in its place",
    });
  });

  it("after the end was cut, also when it was cut within an entry", async () => {
    await written(2);
    await edit(second, (lines) => lines.slice(0, -1));

    expect((await verifyAudit(folder)).fault).toEqual({
      segment: second,
      line: 2,
      entry: 5,
      problem: "the end is cut: entries 5 to 5 are missing",
    });

    await truncate(join(folder, second), 40);
    expect((await verifyAudit(folder)).fault).toMatchObject({ segment: second, line: 1, entry: 4 });
  });

  it("after a whole segment was removed, the last one included", async () => {
    await written(3);
    await rm(join(folder, second));
    expect((await verifyAudit(folder)).fault).toMatchObject({ segment: "audit-2026-01-03.jsonl", line: 1, entry: 4 });

    await rm(join(folder, "audit-2026-01-03.jsonl"));
    expect((await verifyAudit(folder)).fault).toMatchObject({ problem: "the end is cut: entries 4 to 7 are missing" });
  });

  it("after an entry was added by somebody without the key", async () => {
    await written();
    const lines = await readFile(join(folder, first), "utf8");
    const last = lines.trim().split("\n").at(-1) ?? "";
    await appendFile(join(folder, first), `${last.replace('"seq":3', '"seq":4')}\n`);

    expect((await verifyAudit(folder)).fault).toMatchObject({ line: 4, entry: 4 });
  });

  it("after the head was removed or rewritten to hide a cut", async () => {
    await written();
    await edit(first, (lines) => lines.slice(0, -1));
    await writeFile(join(folder, "head"), `2 ${"a".repeat(64)} ${"b".repeat(64)}`);
    expect((await verifyAudit(folder)).fault?.problem).toBe("the head is damaged: the end may be cut");

    await rm(join(folder, "head"));
    expect((await verifyAudit(folder)).fault?.problem).toBe("the head is missing: the end may be cut");
  });

  it("after everything was written anew by somebody without the key", async () => {
    await written(2);
    const keyPath = join(root, "secrets", "audit.key");
    const key = await readFile(keyPath);
    await rm(folder, { recursive: true });
    await rm(keyPath);
    await written(2);
    await writeFile(keyPath, key);

    expect((await verifyAudit(folder)).fault).toMatchObject({ line: 1, entry: 1 });
  });

  it("after somebody with the key wrote everything anew, against an anchor that was kept elsewhere", async () => {
    await written();
    const anchor = readAnchor((await verifyAudit(folder)).anchor ?? "");
    const key = await readAuditKey(join(root, "secrets", "audit.key"));
    let mac = genesisMac;
    let text = "";
    for (const [i, { action, user }] of [{ action: "start", user: "" }, entry("trip-1"), entry("trip-1")].entries()) {
      const line = formatLine(key, mac, i + 1, { ...entry("trip-1"), action, user: user.replace("anna", "otto") });
      text += line.text;
      mac = line.mac;
    }
    await writeFile(join(folder, first), text);
    await using head = await HeadFile.open(folder, key);
    await head.write({ seq: 3, mac });

    expect((await verifyAudit(folder)).intact).toBe(true);
    expect((await verifyAudit(folder, { anchor })).fault?.problem).toBe(
      "entry 3 is not the one of the anchor: it, or one before it, was rewritten",
    );
    expect((await verifyAudit(folder, { anchor: { seq: 5, mac } })).fault?.problem).toBe(
      "the end is cut: entries 4 to 5 are missing",
    );
  });

  it("also when the host went on writing after a cut", async () => {
    await written(2);
    await edit(second, (lines) => lines.slice(0, -1));
    await using audit = new AuditFile({ folder, clock });

    expect((await audit.start()).damage).toBe("entries 5 to 5 are missing at the end");

    await audit.record(entry("later"));
    expect((await verifyAudit(folder)).fault).toMatchObject({
      entry: 6,
      problem: "the host found here: entries 5 to 5 are missing at the end",
    });
  });
});

describe("a host that was killed", () => {
  it("shows intents without outcome as unknown at the next start, once", async () => {
    await using killed = new AuditFile({ folder, clock });
    await killed.start();
    await killed.record(entry("done"));
    await killed.record(entry("done", "outcome"));
    await killed.record(entry("lost"));

    await using audit = new AuditFile({ folder, clock });
    expect(await verifyAudit(folder)).toMatchObject({ intact: true, unresolved: [{ commandId: "lost" }] });
    expect((await audit.start()).unresolved).toMatchObject([
      { commandId: "lost", user: "anna", device: "CB-1", action: "Trip" },
    ]);

    expect(await verifyAudit(folder)).toMatchObject({ intact: true, unresolved: [] });
    await using again = new AuditFile({ folder, clock });
    expect((await again.start()).unresolved).toEqual([]);
    expect(await readFile(join(folder, first), "utf8")).toContain('"result":"unknown"');
  });

  it("finds those of days before, too", async () => {
    {
      await using killed = new AuditFile({ folder, clock });
      await killed.start();
      await killed.record(entry("lost"));
      clock.advance(3 * dayMs);
      await killed.record(entry("other", "refused"));
    }
    await using audit = new AuditFile({ folder, clock });

    expect((await audit.start()).unresolved).toMatchObject([{ commandId: "lost" }]);
  });

  it("takes away an entry that was never finished, and is intact again", async () => {
    await written();
    await appendFile(join(folder, first), '{"seq":4,"at":"2026');
    expect((await verifyAudit(folder)).fault).toMatchObject({ line: 4, entry: 4 });

    await using audit = new AuditFile({ folder, clock });
    expect((await audit.start()).damage).toBeUndefined();

    expect(await verifyAudit(folder)).toMatchObject({ intact: true, entries: 4 });
  });
});

describe("an audit that cannot be written", () => {
  it("rejects every entry, and goes on without a gap once it can", async () => {
    await using audit = new AuditFile({ folder, clock });
    await audit.start();
    clock.advance(dayMs);
    // Root writes anywhere, so what cannot be written is a file that is a folder.
    await mkdir(join(folder, second));

    await expect(audit.record(entry("a"))).rejects.toThrow("EISDIR");

    await rm(join(folder, second), { recursive: true });
    await expect(audit.record(entry("b"))).resolves.toBeUndefined();
    expect(await verifyAudit(folder)).toMatchObject({ intact: true, entries: 2, unresolved: [{ commandId: "b" }] });
  });
});
