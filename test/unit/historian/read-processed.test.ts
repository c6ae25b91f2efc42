import { describe, expect, it } from "vitest";
import type { ProcessedRequest } from "#historian/aggregates/processed-request.ts";
import { readProcessed } from "#historian/read-processed.ts";
import type { RawRead } from "#historian/store/history-store.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { MemoryStore } from "../../support/memory-store.ts";

const bad = 0x80000000;

/** A store of one series: a value at each time, bad where it is negative. */
function storeOf(times: readonly number[], valueAt: (time: number) => number) {
  const reads: RawRead[] = [];
  const store = Object.assign(new MemoryStore(), {
    readRaw: async (asked: readonly RawRead[]) => {
      reads.push(...asked);
      return asked.map((read) => {
        const within = times.filter((time) => time >= read.from && time < read.to);
        const ordered = (read.reverse ? within.toReversed() : within).slice(0, read.limit);
        return {
          times: Float64Array.from(ordered),
          values: Float64Array.from(ordered, valueAt),
          qualities: Uint32Array.from(ordered, (time) => (valueAt(time) < 0 ? bad : 0)),
          texts: undefined,
          more: within.length > read.limit,
        };
      });
    },
  });
  return { store, reads };
}

const request = (changes: Partial<ProcessedRequest>): ProcessedRequest => ({
  aggregate: "Interpolative",
  startTime: 10_000,
  endTime: 20_000,
  processingIntervalMs: 5000,
  stepped: false,
  configuration: defaultAggregateConfiguration,
  ...changes,
});

describe("readProcessed", () => {
  it("looks past many bad values for the good ones on both sides", async () => {
    const times = Array.from({ length: 300 }, (_, i) => i * 100);
    // Good at 0 and at 29.9 s only.
    const { store } = storeOf(times, (time) => (time === 0 || time === 29_900 ? time : -1));

    const found = await readProcessed(store, "k", request({}));

    expect([...found.values]).toEqual([10_000, 15_000]);
  });

  it("has the two good values before the time that sloped extrapolation needs", async () => {
    const { store } = storeOf([2000, 3000, 4000], (time) => (time === 3000 ? -1 : time));
    const configuration = { ...defaultAggregateConfiguration, useSlopedExtrapolation: true };

    const found = await readProcessed(store, "k", request({ configuration }));

    expect([...found.values]).toEqual([10_000, 15_000]);
  });

  it("reads on page after page", async () => {
    const times = Array.from({ length: 120_000 }, (_, i) => 10_000 + i / 100);
    const { store, reads } = storeOf(times, () => 1);

    const found = await readProcessed(store, "k", request({ aggregate: "Count", processingIntervalMs: 0 }));

    expect([...found.values]).toEqual([120_000]);
    expect(reads.length).toBeLessThan(8);
  });

  it("refuses more intervals than can be answered", async () => {
    const { store } = storeOf([], () => 0);

    await expect(readProcessed(store, "k", request({ processingIntervalMs: 0.001 }))).rejects.toMatchObject({
      code: "overloaded",
    });
  });
});
