import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregate, countAnnotations } from "#historian/aggregates/aggregate.ts";
import type { ProcessedRequest, RawColumns } from "#historian/aggregates/processed-request.ts";
import { codeOf, HistorianBit } from "#historian/aggregates/status.ts";
import {
  type AggregateConfiguration,
  type AggregateName,
  defaultAggregateConfiguration,
  isConsistent,
} from "#model/aggregate.ts";

const good = 0;
const bad = 0x80000000;
const uncertain = 0x40000000;
const noData = 0x809b0000;

const rawOf = (rows: readonly (readonly [time: number, value: number, quality?: number])[]): RawColumns => ({
  times: Float64Array.from(rows, ([time]) => time * 1000),
  values: Float64Array.from(rows, ([, value]) => value),
  qualities: Uint32Array.from(rows, ([, , quality]) => quality ?? good),
});

interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly interval: number;
  readonly stepped?: boolean;
  readonly rules?: Partial<AggregateConfiguration>;
}

type Computed = Exclude<AggregateName, "AnnotationCount">;

function requestOf(name: Computed, wanted: Wanted): ProcessedRequest & { readonly aggregate: Computed } {
  return {
    aggregate: name,
    startTime: wanted.from * 1000,
    endTime: wanted.to * 1000,
    processingIntervalMs: wanted.interval * 1000,
    stepped: wanted.stepped ?? false,
    configuration: { ...defaultAggregateConfiguration, ...wanted.rules },
  };
}

function valuesOf(name: Computed, raw: RawColumns, wanted: Wanted): number[] {
  return [...aggregate(requestOf(name, wanted), raw).values];
}

// Conformance test data: k + 10 at 10k s and k at 10k + 5 s.
const saw = rawOf(Array.from({ length: 10 }, (_, k) => [[10 * k, k + 10] as const, [10 * k + 5, k] as const]).flat());
const forward = { from: 0, to: 90, interval: 10 };
const backward = { from: 90, to: 0, interval: 10 };
const eachK = (f: (k: number) => number): number[] => Array.from({ length: 9 }, (_, k) => f(k));

describe("aggregates over the conformance saw", () => {
  it.each([
    ["TimeAverage", (k: number) => k + 5.25],
    ["Minimum", (k: number) => k],
    ["Maximum", (k: number) => k + 10],
    ["Range", () => 10],
    ["Average", (k: number) => k + 5],
    ["Count", () => 2],
  ] as const)("gives %s of each interval", (name, expected) => {
    expect(valuesOf(name, saw, forward)).toEqual(eachK(expected));
  });

  it("says Raw of a maximum at the start of its interval", () => {
    const found = aggregate(requestOf("Maximum", forward), saw);

    expect([...found.statuses].slice(1)).toEqual(Array<number>(8).fill(good));
  });

  it.each([
    ["Maximum", (k: number) => k + 11],
    ["Range", () => 11],
    ["Minimum", (k: number) => k],
    ["TimeAverage", (k: number) => k + 5.25],
  ] as const)("gives %s backwards, where an interval holds its later end", (name, expected) => {
    const found = aggregate(requestOf(name, backward), saw);

    expect([...found.values]).toEqual(eachK(expected).toReversed());
    expect([...found.times]).toEqual(eachK((k) => 10_000 * (k + 1)).toReversed());
  });

  it("counts two transitions among 5, 5, 6, 7", () => {
    const raw = rawOf([
      [-1, 5],
      [0, 5],
      [1, 5],
      [2, 6],
      [3, 7],
      [10, 7],
    ]);

    expect(valuesOf("NumberOfTransitions", raw, { from: 0, to: 5, interval: 5 })).toEqual([2]);
  });
});

describe("aggregate", () => {
  it.each([
    "TimeAverage",
    "Total",
    "TimeAverage2",
    "Total2",
    "DurationGood",
    "PercentBad",
    "DurationInStateZero",
  ] as const)("gives the same %s for an interval whichever way the request runs", (name) => {
    const quality = fc.constantFrom(good, good, good, bad, uncertain);
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 9 }), quality));
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), (list, stepped, treatUncertainAsBad) => {
        const byTime = new Map(list.map((row) => [row[0], row]));
        const raw = rawOf([...byTime.values()].sort((a, b) => a[0] - b[0]));
        const wanted = { interval: 10, stepped, rules: { treatUncertainAsBad } };

        const there = aggregate(requestOf(name, { from: 0, to: 100, ...wanted }), raw);
        const back = aggregate(requestOf(name, { from: 100, to: 0, ...wanted }), raw);

        expect([...back.values].toReversed()).toEqual([...there.values]);
        expect([...back.statuses].toReversed()).toEqual([...there.statuses]);
      }),
      { numRuns: 200 },
    );
  });

  it("cuts the last interval short, and takes an interval of 0 as the whole time", () => {
    const raw = rawOf([
      [0, 1],
      [7, 3],
      [9, 5],
      [20, 0],
    ]);

    expect(valuesOf("Count", raw, { from: 0, to: 10, interval: 4 })).toEqual([1, 1, 1]);
    expect(valuesOf("Count", raw, { from: 0, to: 10, interval: 0 })).toEqual([3]);
    expect(valuesOf("Count", raw, { from: 10, to: 0, interval: 8 })).toEqual([2, 0]);
  });

  it("holds a stepped value until the next one", () => {
    const raw = rawOf([
      [0, 10],
      [4, 20],
      [10, 0],
    ]);
    const wanted = { from: 0, to: 10, interval: 10, stepped: true };

    expect(valuesOf("TimeAverage", raw, wanted)).toEqual([16]);
    expect(valuesOf("Interpolative", raw, { ...wanted, interval: 3 })).toEqual([10, 10, 20, 20]);
    expect(valuesOf("Maximum2", raw, wanted)).toEqual([20]);
  });

  it("is in doubt below PercentDataGood and Bad from PercentDataBad on", () => {
    const raw = rawOf([
      [0, 1],
      [6, 2, bad],
      [10, 3],
    ]);
    const statusWith = (rules: Partial<AggregateConfiguration>): number =>
      codeOf(
        aggregate(requestOf("TimeAverage2", { from: 0, to: 10, interval: 10, stepped: true, rules }), raw)
          .statuses[0] ?? 0,
      );

    expect(statusWith({ percentDataGood: 60 })).toBe(good);
    expect(statusWith({ percentDataGood: 61 })).toBe(0x40a40000);
    expect(statusWith({ percentDataBad: 40 })).toBe(bad);
    expect(statusWith({ percentDataBad: 41 })).toBe(0x40a40000);
  });

  it("has a minimum in doubt when an uncertain value lies below it", () => {
    const raw = rawOf([
      [0, 5],
      [1, 3, uncertain],
      [2, 9, uncertain],
      [10, 5],
    ]);
    const wanted = { from: 0, to: 10, interval: 10, rules: { treatUncertainAsBad: false } };

    expect(codeOf(aggregate(requestOf("Minimum", wanted), raw).statuses[0] ?? 0)).toBe(0x40a40000);
    expect(valuesOf("Minimum", raw, wanted)).toEqual([5]);
  });

  it("marks a minimum that occurs twice as MultipleValues and gives the earlier time", () => {
    const raw = rawOf([
      [0, 5],
      [1, 3],
      [2, 4],
      [3, 3],
      [10, 5],
    ]);
    const found = aggregate(requestOf("MinimumActualTime", { from: 0, to: 10, interval: 10 }), raw);

    expect(found.times[0]).toBe(1000);
    expect((found.statuses[0] ?? 0) & HistorianBit.multipleValues).toBe(HistorianBit.multipleValues);
  });

  it("has no data without raw values, and never a value with a Bad status", () => {
    const empty = rawOf([]);
    const found = aggregate(requestOf("TimeAverage", { from: 0, to: 10, interval: 5 }), empty);

    expect([...found.statuses]).toEqual([noData, noData]);
    expect([...found.values]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("countAnnotations", () => {
  // Annex A.18: two at 12:00:40, one at 12:00:50, one at 12:01:10.
  it("counts annotations, always Good and calculated", () => {
    const request = {
      ...requestOf("Count", { from: 0, to: 100, interval: 60 }),
      aggregate: "AnnotationCount" as const,
    };

    const found = countAnnotations(request, Float64Array.of(40_000, 40_000, 50_000, 70_000));
    const none = countAnnotations(request, new Float64Array(0));

    expect([...found.values]).toEqual([3, 1]);
    expect([...none.values]).toEqual([0, 0]);
    expect([...found.statuses]).toEqual([0x401, 0x401]);
  });
});

describe("isConsistent", () => {
  it("demands PercentDataGood >= 100 - PercentDataBad", () => {
    const rules = defaultAggregateConfiguration;

    expect(isConsistent({ ...rules, percentDataGood: 40, percentDataBad: 60 })).toBe(true);
    expect(isConsistent({ ...rules, percentDataGood: 39, percentDataBad: 60 })).toBe(false);
    expect(isConsistent({ ...rules, percentDataGood: 101 })).toBe(false);
  });
});
