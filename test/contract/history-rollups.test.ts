import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aggregate } from "#historian/aggregates/aggregate.ts";
import type { ProcessedRequest } from "#historian/aggregates/processed-request.ts";
import { readProcessed } from "#historian/read-processed.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import { openPgliteStore } from "#historian/store/pglite-store.ts";
import { systemClock } from "#lib/clock.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { embeddedFolder, removeFolder, removeTemplate } from "../support/embedded-folder.ts";
import { columnsOf, testSeries } from "../support/history-columns.ts";

const minute = 60_000;
const hour = 60 * minute;
const t0 = Date.UTC(2026, 5, 15, 6);
const bad = 0x80000000 | 0;
const uncertain = 0x40000000;

describe("aggregates of long times", { timeout: 60_000 }, () => {
  let folder: string;
  let store: HistoryStore;
  let rawReads: number;
  const times: number[] = [];
  const values: number[] = [];
  const statuses: number[] = [];
  const { key } = testSeries(1);

  beforeAll(async () => {
    folder = await embeddedFolder();
    store = await openPgliteStore({ folder, clock: systemClock });
    const [id = 0] = await store.ensureSeries([testSeries(1)]);
    // Six hours with a value every 7 s, a gap of half an hour, some bad and some uncertain ones.
    for (let time = t0 + 3000; time < t0 + 6 * hour; time += 7000) {
      if (time > t0 + 2 * hour && time < t0 + 2.5 * hour) continue;
      times.push(time);
      values.push(Math.round(100 * Math.sin(time / 500_000)) / 4);
      statuses.push(times.length % 90 === 0 ? bad : times.length % 70 === 0 ? uncertain : 0);
    }
    const rows = columnsOf(id, 0, values);
    rows.times.set(times);
    rows.statuses.set(statuses);
    await store.append(rows, store.generation);
    while ((await store.refreshRollups(t0 + 5 * hour, 100)) > 0);
    const read = store.readRaw.bind(store);
    store.readRaw = (reads) => {
      rawReads += reads.reduce((sum, { limit }) => sum + (limit > 1000 ? 1 : 0), 0);
      return read(reads);
    };
  }, 60_000);

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await removeFolder(folder);
    await removeTemplate();
  });

  function request(changes: Partial<ProcessedRequest>): ProcessedRequest {
    return {
      aggregate: "Average",
      startTime: t0 - hour,
      endTime: t0 + 7 * hour,
      processingIntervalMs: minute,
      stepped: false,
      configuration: defaultAggregateConfiguration,
      ...changes,
    };
  }

  async function compare(changes: Partial<ProcessedRequest>): Promise<void> {
    const asked = request(changes);
    const raw = {
      times: Float64Array.from(times),
      values: Float64Array.from(values),
      qualities: Uint32Array.from(statuses, (status) => status >>> 0),
    };
    if (asked.aggregate === "AnnotationCount") throw new Error("not of values");
    const expected = aggregate({ ...asked, aggregate: asked.aggregate }, raw);
    rawReads = 0;

    const found = await readProcessed(store, key, asked);

    expect([...found.times]).toEqual([...expected.times]);
    expect([...found.statuses]).toEqual([...expected.statuses]);
    // The database adds up in another order.
    const rounded = (columns: Float64Array) => Array.from(columns, (value) => Math.round(value * 1e9) / 1e9 + 0);
    expect(rounded(found.values)).toEqual(rounded(expected.values));
  }

  it.each(["Average", "Count", "Range", "Start", "End", "Delta"] as const)(
    "%s is the same from summaries as from raw values, in every interval, status bits included",
    async (name) => {
      for (const processingIntervalMs of [minute, 30 * minute, hour, 4 * hour]) {
        await compare({ aggregate: name, processingIntervalMs });
      }
    },
  );

  it("follow the rules of the request about uncertain values", async () => {
    const configuration = { ...defaultAggregateConfiguration, treatUncertainAsBad: false, percentDataGood: 80 };
    for (const name of ["Average", "Range", "Delta"] as const) {
      await compare({ aggregate: name, configuration, processingIntervalMs: 10 * minute });
    }
  });

  it("read raw values only for the hours that are not summed up yet", async () => {
    await compare({ processingIntervalMs: hour, startTime: t0, endTime: t0 + 5 * hour });
    expect(rawReads).toBe(0);

    await compare({ processingIntervalMs: hour, startTime: t0, endTime: t0 + 6 * hour });
    expect(rawReads).toBe(1);
  });

  it("take raw values where summaries cannot tell: backwards, odd intervals, a short last one", async () => {
    await compare({ startTime: t0 + 6 * hour, endTime: t0 });
    await compare({ processingIntervalMs: 90_500 });
    await compare({ processingIntervalMs: hour, endTime: t0 + 3.5 * hour });
    await compare({ aggregate: "TimeAverage", processingIntervalMs: hour });
  });

  it("do not miss what comes late into an hour that was summed up", async () => {
    const [id = 0] = await store.ensureSeries([testSeries(1)]);
    const late = columnsOf(id, t0 + hour + 1, [5000]);
    await store.append(late, store.generation);
    const at = times.findIndex((time) => time > t0 + hour + 1);
    times.splice(at, 0, t0 + hour + 1);
    values.splice(at, 0, 5000);
    statuses.splice(at, 0, 0);

    await compare({ processingIntervalMs: hour });
  });
});
