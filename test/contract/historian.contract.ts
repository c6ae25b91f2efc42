import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RawHistoryQuery } from "#fleet/ports.ts";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { testDevice } from "../support/history-samples.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { historyEditsContract } from "./history-edits.contract.ts";

const killRounds = Number(process.env["FDI_HOST_TEST_KILL_ROUNDS"] ?? "3");

/** Where a suite keeps its history. */
export interface HistoryPlace {
  readonly folder: string;
  readonly databaseUrl: string | undefined;
}

/** The same history tests over each engine; `prepare` makes an empty place, `cleanUp` removes it. */
export function historianContract(
  engine: string,
  prepare: () => Promise<HistoryPlace>,
  cleanUp: (place: HistoryPlace) => Promise<void>,
): void {
  describe(`the historian over ${engine}`, () => {
    const t0 = Date.UTC(2026, 0, 1, 12);
    let place: HistoryPlace;
    let historian: Historian;

    const open = (): Promise<Historian> =>
      openHistorian({ ...place, clock: systemClock, logger: silentLogger(), random: Math.random });

    const device = (id: string) => testDevice(id, [{ name: "P" }, { name: "T", dataType: "string" }]);

    function send(
      id: string,
      samples: readonly (readonly [time: EpochMs, value: number | string, quality?: number])[],
    ) {
      const batch = new SampleBatch();
      batch.reset(t0);
      for (const [time, value, quality = Quality.good] of samples) {
        if (typeof value === "string") batch.addText(1, value, time, quality, SampleFlag.historical);
        else batch.add(0, value, time, quality);
      }
      historian.writer.accept(device(id), batch);
    }

    const read = (id: string, query: Partial<RawHistoryQuery> = {}) =>
      historian.raw({
        device: device(id).id,
        parameter: "P",
        from: undefined,
        to: undefined,
        reverse: false,
        limit: 1000,
        ...query,
      });

    const offsets = async (id: string, query: Partial<RawHistoryQuery> = {}): Promise<number[]> =>
      Array.from((await read(id, query)).times, (time) => time - t0);

    // The embedded store takes seconds to create its first database.
    beforeAll(async () => {
      place = await prepare();
      historian = await open();
      expect(historian.health().detail).not.toMatch(/unavailable|power-safe/);
      expect(historian.health().available).toBe(true);
    }, 60_000);

    afterAll(async () => {
      await historian[Symbol.asyncDispose]();
      await cleanUp(place);
    });

    it("gives back numbers, qualities and times exactly", async () => {
      const values = [0.1, -0, 1e300, -1e-300, Number.POSITIVE_INFINITY, 2 ** 53, Number.NaN];
      const qualities = [0, 0x80310000, 0x40900000, 0, 0x00960000, 0, 0x80320000];
      send(
        "EX-1",
        values.map((value, i) => [t0 + i * 1000 + 0.123, value, qualities[i] ?? 0]),
      );

      const page = await read("EX-1");

      expect([...page.values]).toEqual(values);
      expect([...page.qualities]).toEqual(qualities);
      expect([...page.times]).toEqual(values.map((_, i) => t0 + i * 1000 + 0.123));
      expect(page.texts).toBeUndefined();
      expect(page.more).toBe(false);
    });

    it("gives back texts and integers beyond 2^53 exactly", async () => {
      const texts = ["", "offen – geöffnet", "18446744073709551615", "a'b\"c\\d\n"];
      send(
        "EX-2",
        texts.map((text, i) => [t0 + i, text]),
      );

      const page = await read("EX-2", { parameter: "T" });

      expect(page.texts).toEqual(texts);
      expect([...page.values]).toEqual(texts.map(() => Number.NaN));
    });

    it("keeps samples that are centuries apart, and dates before 1970", async () => {
      const times = [Date.UTC(1601, 0, 2), Date.UTC(1969, 6, 20, 20, 17, 40, 1), Date.UTC(9999, 0, 1, 0, 0, 0, 7)];
      send(
        "EX-3",
        times.map((time) => [time, 1]),
      );

      expect([...(await read("EX-3")).times]).toEqual(times);
      expect([...(await read("EX-3", { reverse: true })).times]).toEqual(times.toReversed());
    });

    it("reads a range forwards without its end and backwards without its start", async () => {
      send(
        "RA-1",
        [0, 10, 20, 30].map((offset) => [t0 + offset, offset]),
      );
      const range = { from: t0 + 10, to: t0 + 30 };

      expect(await offsets("RA-1", range)).toEqual([10, 20]);
      expect(await offsets("RA-1", { ...range, reverse: true })).toEqual([30, 20]);
      expect(await offsets("RA-1", { to: t0 + 10 })).toEqual([0]);
      expect(await offsets("RA-1", { from: t0 + 20 })).toEqual([20, 30]);
      expect(await offsets("RA-1", { reverse: true })).toEqual([30, 20, 10, 0]);
    });

    it.each([false, true])("pages through everything once (reverse: %s)", async (reverse) => {
      const id = reverse ? "PA-2" : "PA-1";
      const all = Array.from({ length: 25 }, (_, i) => i);
      send(
        id,
        all.map((i) => [t0 + i / 4, i]),
      );

      const found: number[] = [];
      let page = await read(id, { reverse, limit: 10 });
      const more = [page.more];
      for (found.push(...page.values); page.more; found.push(...page.values)) {
        const last = page.times.at(-1) ?? Number.NaN;
        page = await read(id, { reverse, limit: 10, after: last });
        more.push(page.more);
      }

      expect(found).toEqual(reverse ? all.toReversed() : all);
      expect(more).toEqual([true, true, false]);
    });

    it("says that there is no more when the limit fits exactly", async () => {
      send("PA-3", [
        [t0, 1],
        [t0 + 1, 2],
      ]);

      expect((await read("PA-3", { limit: 2 })).more).toBe(false);
      expect((await read("PA-3", { limit: 1 })).more).toBe(true);
    });

    it("keeps a sample that is delivered again once, and the newest of different ones", async () => {
      const samples = [0, 1, 2].map((i) => [t0 + i, i] as const);
      send("DU-1", samples);
      await historian.writer.flush();
      send("DU-1", samples);
      send("DU-1", [[t0 + 1, 7]]);

      expect([...(await read("DU-1")).values]).toEqual([0, 7, 2]);
    });

    it("has an empty page for a parameter that nothing was stored of", async () => {
      const page = await read("NO-1");

      expect(page).toMatchObject({ more: false, texts: undefined });
      expect(page.times).toHaveLength(0);
    });

    it("computes aggregates from the neighbours of the time asked for, forwards and backwards", async () => {
      send("AG-1", [
        [t0 - 5000, 0, Quality.good],
        [t0 - 4000, 9, Quality.bad],
        [t0 + 5000, 10],
        [t0 + 15_000, 20],
        [t0 + 25_000, 7, Quality.bad],
        [t0 + 35_000, 40],
      ]);
      const query = {
        device: device("AG-1").id,
        parameter: "P",
        aggregate: "Interpolative",
        startTime: t0,
        endTime: t0 + 30_000,
        processingIntervalMs: 10_000,
        stepped: false,
        configuration: defaultAggregateConfiguration,
      } as const;

      const there = await historian.processed(query);
      const back = await historian.processed({ ...query, startTime: query.endTime, endTime: query.startTime });

      expect([...there.values]).toEqual([5, 15, 25]);
      expect([...back.values]).toEqual([35, 25, 15]);
      expect(Array.from(back.times, (time) => time - t0)).toEqual([30_000, 20_000, 10_000]);
    });

    it("exports more than one page of values of the chosen series, in order", async () => {
      send(
        "EX-7",
        Array.from({ length: 10_001 }, (_, i) => [t0 + i, i] as const),
      );
      send("EX-7", [[t0, "on"]]);
      const devices = [device("EX-7").id];

      let text = "";
      const query = { kind: "raw", devices, parameters: undefined, from: t0, to: t0 + 20_000 } as const;
      for await (const piece of historian.export(query, "csv")) text += Buffer.from(piece).toString("utf8");

      const lines = text.trim().split("\r\n");
      expect(lines).toHaveLength(1 + 10_001 + 1);
      expect(lines.slice(1, 10_002).map((line) => Number(line.split(",")[4]))).toEqual(
        Array.from({ length: 10_001 }, (_, i) => i),
      );
      expect(lines.at(-1)).toContain(",T,,,on,Good,0");
    });

    it("still has everything after a restart, under the same series", async () => {
      send("RE-1", [[t0, 1]]);
      await historian[Symbol.asyncDispose]();
      historian = await open();
      send("RE-1", [[t0 + 1, 2]]);

      expect([...(await read("RE-1")).values]).toEqual([1, 2]);
    });

    it.each([
      { until: "stored", claim: "has not lost any of them" },
      { until: "journalled", claim: "has not lost any of them, nor stored any twice" },
    ])(
      "when it is killed after reporting values as $until, it $claim",
      { timeout: 60_000 + 30_000 * killRounds },
      async ({ until }) => {
        await historian[Symbol.asyncDispose]();
        const first = until === "stored" ? 0 : 10_000_000;
        let reported = first - 1;
        for (let round = 0; round < killRounds; round += 1) {
          const child = startWriter(place, reported + 1, until);
          reported = Math.max(reported, await killWhileWriting(child, 300 + 400 * Math.random()));
        }
        historian = await open();
        while (historian.counters().queued > 0) await historian.writer.flush().catch(() => undefined);

        const found: number[] = [];
        const from = Date.UTC(2026, 0, 1) + first;
        let page = await read("KI-1", { from, limit: 10_000 });
        for (found.push(...page.values); page.more; found.push(...page.values)) {
          page = await read("KI-1", { from, limit: 10_000, after: page.times.at(-1) ?? Number.NaN });
        }
        expect(reported).toBeGreaterThan(first);
        expect(found.slice(0, reported + 1 - first)).toEqual(
          Array.from({ length: reported + 1 - first }, (_, i) => first + i),
        );
      },
    );

    historyEditsContract(() => historian);
  });
}

function startWriter(place: HistoryPlace, first: number, until: string): ChildProcess {
  const script = new URL("../support/history-writer-process.ts", import.meta.url).pathname;
  const args = [script, place.folder, place.databaseUrl ?? "", String(first), until];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** The last value that the process reported as stored before it was killed `afterMs` after its first report. */
async function killWhileWriting(child: ChildProcess, afterMs: number): Promise<number> {
  if (child.stdout === null) throw new Error("the writer has no output");
  let reported = -1;
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit");
  lines.once("line", () => setTimeout(() => child.kill("SIGKILL"), afterMs));
  for await (const line of lines) reported = Number(line);
  await ended;
  return reported;
}
