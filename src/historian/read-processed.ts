import type { HistoryPage } from "#fleet/ports.ts";
import { aggregate, countAnnotations } from "#historian/aggregates/aggregate.ts";
import { intervalCount } from "#historian/aggregates/intervals.ts";
import type { ProcessedColumns, ProcessedRequest, RawColumns } from "#historian/aggregates/processed-request.ts";
import { earliestTime, latestTime, nextInstant } from "#historian/codec/pg-time.ts";
import { type DataExtent, readFromRollups } from "#historian/rollups/read-from-rollups.ts";
import { HostError } from "#model/errors.ts";
import { isBad, isGood } from "#model/quality.ts";
import type { HistoryStore } from "./store/history-store.ts";

/** Beyond this many raw values, or intervals, a request is refused: it would be held in memory as a whole. */
const maxRawValues = 5_000_000;
const maxIntervals = 1_000_000;
const pageValues = 50_000;
/** How many values are looked through for a usable one beside the range; further away there is none. */
const maxBoundValues = 1000;

/**
 * The values of an aggregate over a stored series. Throws `overloaded` when the request covers more than can be
 * processed at once, `history-unavailable` when the store does not answer.
 */
export async function readProcessed(
  store: HistoryStore,
  key: string,
  request: ProcessedRequest,
): Promise<ProcessedColumns> {
  if (intervalCount(request) > maxIntervals) {
    throw new HostError(
      "overloaded",
      `${key}: ${intervalCount(request)} intervals are asked for, at most ${maxIntervals} at once`,
    );
  }
  if (request.aggregate === "AnnotationCount") {
    return countAnnotations(request, await annotationTimes(store, key, request));
  }
  const name = request.aggregate;
  const raw = async (part: ProcessedRequest): Promise<ProcessedColumns> =>
    aggregate({ ...part, aggregate: name }, await rawFor(store, key, part));
  const extent = (): Promise<DataExtent> => extentOf(store, key, request);
  return (await readFromRollups(request, key, { rollups: store.rollups, extent, raw })) ?? raw(request);
}

/** Times of the first and the last value that the aggregates of raw values would see. */
async function extentOf(store: HistoryStore, key: string, request: ProcessedRequest): Promise<DataExtent> {
  const { startTime, endTime } = request;
  const range = { key, from: startTime, to: nextInstant(endTime), limit: 1 };
  const [[before, after], [first, last]] = await Promise.all([
    valuesBeside(store, key, request),
    store.readRaw([
      { ...range, reverse: false },
      { ...range, reverse: true },
    ]),
  ]);
  return {
    start: before.times.at(-1) ?? first?.times[0] ?? Number.NaN,
    end: after.times.at(-1) ?? last?.times[0] ?? Number.NaN,
  };
}

async function annotationTimes(store: HistoryStore, key: string, request: ProcessedRequest): Promise<Float64Array> {
  const from = Math.min(request.startTime, request.endTime);
  const to = nextInstant(Math.max(request.startTime, request.endTime));
  const range = { from, to, reverse: false, skip: 0, limit: maxRawValues };
  return Float64Array.from(await store.edits.annotations(key, range), ({ time }) => time);
}

/** The raw values of the request's time with the usable ones on both sides of it. */
async function rawFor(store: HistoryStore, key: string, request: ProcessedRequest): Promise<RawColumns> {
  const low = Math.min(request.startTime, request.endTime);
  const high = Math.max(request.startTime, request.endTime);
  const [[before, after], within] = await Promise.all([
    valuesBeside(store, key, request),
    allWithin(store, key, low, nextInstant(high)),
  ]);
  return joined([reversed(before), ...within, after]);
}

/** The nearest values before the request's time, newest first, and behind it, as many as its aggregates may need. */
async function valuesBeside(
  store: HistoryStore,
  key: string,
  request: ProcessedRequest,
): Promise<readonly [RawColumns, RawColumns]> {
  const low = Math.min(request.startTime, request.endTime);
  const high = Math.max(request.startTime, request.endTime);
  const { useSlopedExtrapolation, treatUncertainAsBad } = request.configuration;
  const isUsable = treatUncertainAsBad ? isGood : (quality: number) => !isBad(quality);
  const common = { store, key, isUsable };
  const wanted = useSlopedExtrapolation ? 2 : 1;
  return Promise.all([
    beside({ ...common, wanted, from: earliestTime, to: low, reverse: true }),
    beside({ ...common, wanted: 1, from: nextInstant(high), to: nextInstant(latestTime), reverse: false }),
  ]);
}

interface Beside {
  readonly store: HistoryStore;
  readonly key: string;
  readonly isUsable: (quality: number) => boolean;
  /** Usable values that are needed. */
  readonly wanted: number;
  readonly from: number;
  readonly to: number;
  readonly reverse: boolean;
}

/** The nearest values of a range, as many as it takes to have the wanted number of usable ones. */
async function beside({ store, key, isUsable, wanted, from, to, reverse }: Beside): Promise<RawColumns> {
  for (let limit = 4; ; limit = Math.min(limit * 16, maxBoundValues)) {
    const [page] = await store.readRaw([{ key, from, to, reverse, limit }]);
    if (page === undefined) return nothing;
    let usable = 0;
    let count = 0;
    while (count < page.times.length && usable < wanted) {
      if (isUsable(page.qualities[count] ?? 0)) usable += 1;
      count += 1;
    }
    if (usable === wanted || !page.more || limit === maxBoundValues) return firstOf(page, count);
  }
}

async function allWithin(store: HistoryStore, key: string, from: number, to: number): Promise<readonly RawColumns[]> {
  const pages: HistoryPage[] = [];
  let count = 0;
  for (let start = from; ; ) {
    const [page] = await store.readRaw([{ key, from: start, to, reverse: false, limit: pageValues }]);
    if (page === undefined) return pages;
    pages.push(page);
    count += page.times.length;
    const last = page.times.at(-1);
    if (!page.more || last === undefined) return pages;
    if (count > maxRawValues) {
      throw new HostError(
        "overloaded",
        `${key}: more than ${maxRawValues} values lie in the time asked for: ask for less`,
      );
    }
    start = nextInstant(last);
  }
}

const nothing: RawColumns = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  qualities: new Uint32Array(0),
};

function firstOf(page: RawColumns, count: number): RawColumns {
  return {
    times: page.times.subarray(0, count),
    values: page.values.subarray(0, count),
    qualities: page.qualities.subarray(0, count),
  };
}

function reversed(page: RawColumns): RawColumns {
  return { times: page.times.toReversed(), values: page.values.toReversed(), qualities: page.qualities.toReversed() };
}

function joined(pages: readonly RawColumns[]): RawColumns {
  const size = pages.reduce((sum, page) => sum + page.times.length, 0);
  const times = new Float64Array(size);
  const values = new Float64Array(size);
  const qualities = new Uint32Array(size);
  let offset = 0;
  for (const page of pages) {
    times.set(page.times, offset);
    values.set(page.values, offset);
    qualities.set(page.qualities, offset);
    offset += page.times.length;
  }
  return { times, values, qualities };
}
