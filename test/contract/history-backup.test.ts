import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { runHistoryCommand } from "#app/history/history-command.ts";
import { HistorySocket } from "#app/history/history-socket.ts";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { deviceId } from "#model/ids.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { embeddedFolder, removeFolder, removeTemplate } from "../support/embedded-folder.ts";
import { testDevice } from "../support/history-samples.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestDatabase, testServerUrl } from "../support/test-database.ts";
import { testEvent } from "../support/test-events.ts";

const device = testDevice("CB-1", [{ name: "P" }, { name: "T", dataType: "string" }]);
const start = Date.UTC(2026, 0, 1);
const whole = { device: device.id, from: undefined, to: undefined, reverse: false, limit: 10_000 };

let folder: string;
let sent: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backup-"));
  sent = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(removeTemplate);

/** A data folder with an embedded history in it. */
async function dataFolder(name: string): Promise<string> {
  const data = join(folder, name);
  mkdirSync(data);
  const made = await embeddedFolder();
  await rename(made, join(data, "history"));
  return data;
}

const open = (data: string, databaseUrl?: string): Promise<Historian> =>
  openHistorian({
    folder: join(data, "history"),
    databaseUrl,
    clock: systemClock,
    logger: silentLogger(),
    random: Math.random,
  });

function send(historian: Historian, count: number): void {
  const batch = new SampleBatch();
  batch.reset(start);
  for (let i = 0; i < count; i += 1, sent += 1) {
    batch.add(0, sent, start + sent, Quality.good);
    if (sent % 100 === 0)
      batch.addText(1, `text ${sent}`, start + sent, Quality.uncertainLastUsable, SampleFlag.historical);
  }
  historian.writer.accept(device, batch);
}

async function command(args: readonly string[], data: string): Promise<{ code: number; out: string; err: string }> {
  const chunks: Buffer[] = [];
  let err = "";
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const [name = "", ...rest] = args;
  const code = await runHistoryCommand(name, rest, {
    out,
    err: (text) => (err += text),
    env: { FDI_HOST_DATA: data },
    workingFolder: folder,
  });
  return { code, out: Buffer.concat(chunks).toString("utf8"), err };
}

async function valuesOf(historian: Historian, parameter = "P"): Promise<number[]> {
  const found: number[] = [];
  let page = await historian.raw({ ...whole, parameter });
  for (found.push(...page.values); page.more; found.push(...page.values)) {
    page = await historian.raw({ ...whole, parameter, after: page.times.at(-1) ?? Number.NaN });
  }
  return found;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("backup and restore", { timeout: 120_000 }, () => {
  it("brings back values, texts, events, devices and files from a host that goes on writing meanwhile", async () => {
    const data = await dataFolder("data");
    writeFileSync(join(data, "devices.json"), "{}");
    {
      await using historian = await open(data);
      await using _socket = await HistorySocket.listen(join(data, "history"), historian, silentLogger());
      send(historian, 25_000);
      for (let n = 0; n < 30; n += 1) historian.events.append(testEvent(n, start + n));
      await historian.writer.durable();
      const acknowledged = sent;
      const load = setInterval(() => send(historian, 200), 100);

      const { code, out, err } = await command(["backup", join(folder, "copy")], data);
      clearInterval(load);

      expect(err).toBe("");
      expect(code).toBe(0);
      const summary = JSON.parse(out) as { values: number };
      expect(summary).toMatchObject({ series: 2, events: 30, rows: 1, files: 1 });
      expect(summary.values).toBeGreaterThanOrEqual(acknowledged);
    }
    const other = await dataFolder("other");

    const { code, err } = await command(["restore", join(folder, "copy")], other);

    expect([code, err]).toEqual([0, ""]);
    expect(readFileSync(join(other, "devices.json"), "utf8")).toBe("{}");
    await using restored = await open(other);
    const values = await valuesOf(restored);
    expect(values).toEqual(upTo(values.length));
    expect(values.length).toBeGreaterThanOrEqual(25_000);
    const texts = await restored.raw({ ...whole, parameter: "T", limit: 3 });
    expect(texts.texts).toEqual(["text 0", "text 100", "text 200"]);
    expect([...texts.qualities]).toEqual(Array(3).fill(Quality.uncertainLastUsable));
    const { events } = await restored.events.read({ ...whole, device: deviceId("CB-1") });
    expect(events).toEqual(Array.from({ length: 30 }, (_, n) => testEvent(n, start + n)));
  });

  it("leaves alone what is there already, however often it is restored", async () => {
    const data = await dataFolder("data");
    await using historian = await open(data);
    send(historian, 10);
    await historian.backup(join(folder, "copy"));
    const batch = new SampleBatch();
    batch.reset(start);
    batch.add(0, 77, start + 3, Quality.good);
    historian.writer.accept(device, batch);
    await historian.writer.flush();

    await historian.restore(join(folder, "copy"));
    await historian.restore(join(folder, "copy"));

    expect(await valuesOf(historian)).toEqual([0, 1, 2, 77, 4, 5, 6, 7, 8, 9]);
  });

  it("restores nothing of a backup that is damaged or not finished", async () => {
    const data = await dataFolder("data");
    await using historian = await open(data);
    send(historian, 10);
    await historian.backup(join(folder, "copy"));
    const file = readdirSync(join(folder, "copy")).find((name) => name.startsWith("values")) ?? "";
    const bytes = readFileSync(join(folder, "copy", file));
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(join(folder, "copy", file), bytes);

    await expect(historian.restore(join(folder, "copy"))).rejects.toThrow(/values-000001.zst is damaged/);
    await expect(historian.restore(join(folder, "nowhere"))).rejects.toThrow(/holds no complete backup/);
  });

  it.skipIf(testServerUrl === undefined)("moves a history from the embedded store to PostgreSQL", async () => {
    const data = await dataFolder("data");
    {
      await using historian = await open(data);
      send(historian, 1000);
      await historian.backup(join(folder, "copy"));
    }
    await using database = await TestDatabase.create(testServerUrl ?? "");
    await using historian = await open(join(folder, "moved"), database.url);

    await historian.restore(join(folder, "copy"));

    expect(await valuesOf(historian)).toEqual(upTo(1000));
  });

  it("exports from a running host and from a stopped one alike", async () => {
    const data = await dataFolder("data");
    let running = "";
    {
      await using historian = await open(data);
      await using _socket = await HistorySocket.listen(join(data, "history"), historian, silentLogger());
      send(historian, 15_000);
      const { code, out } = await command(["export", "--device", "CB-1", "--parameter", "P"], data);
      expect(code).toBe(0);
      running = out;
    }

    const file = join(folder, "values.csv");
    const stopped = await command(["export", "--parameter", "P", "--out", file], data);

    expect(stopped).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(file, "utf8")).toBe(running);
    expect(running.trim().split("\r\n")).toHaveLength(15_001);
  });

  it("says what is wrong with how it was called", async () => {
    expect(await command(["export", "--aggregate", "Avrage"], folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining("Avrage is no aggregate") as unknown,
    });
    expect(await command(["export"], join(folder, "nothing"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no history in") as unknown,
    });
    await removeFolder(join(folder, "nothing"));
  });
});
