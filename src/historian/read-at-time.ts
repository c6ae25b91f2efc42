import type { AtTimeHistoryQuery } from "#fleet/history/ports.ts";
import type { HistoryPage } from "#fleet/ports.ts";
import { AggregateSeries } from "#historian/aggregates/aggregate-series.ts";
import { earliestTime, latestTime, nextInstant } from "#historian/codec/pg-time.ts";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { isBad, isGood } from "#model/quality.ts";
import type { HistoryStore, RawRead } from "./store/history-store.ts";

/** So many values on each side of an instant are looked through for a usable one at first, ... */
const firstReach = 1;
/** ... and at last; further away there is none. */
const lastReach = 1000;
/** Up to so many values per instant it is cheaper to read a time as a whole. */
const denseValues = 4;

/**
 * The values of a series at instants (OPC 10000-11, 6.5.5), in the order of the instants: raw where one was stored, else
 * estimated as the Interpolative aggregate does (OPC 10000-13, 3.1.8), or from the two next values (3.1.9).
 */
export async function readAtTime(store: HistoryStore, key: string, query: AtTimeHistoryQuery): Promise<HistoryPage> {
  const { times, stepped, useSimpleBounds, treatUncertainAsBad } = query;
  const configuration = { ...defaultAggregateConfiguration, treatUncertainAsBad };
  const around = await surroundings(store, key, query);
  const series = new AggregateSeries(around, stepped, configuration);
  const values = new Float64Array(times.length);
  const qualities = new Uint32Array(times.length);
  const texts: (string | undefined)[] = [];
  for (const [i, time] of times.entries()) {
    const point = useSimpleBounds ? series.simpleBound(time) : boundOf(series, around, time);
    values[i] = point.value;
    qualities[i] = point.status;
    if (around.texts !== undefined && !isBad(point.status)) texts[i] = around.texts[series.firstBehind(time) - 1];
  }
  return { times, values, qualities, texts: around.texts === undefined ? undefined : texts, more: false };
}

/** What was stored at the very instant is the answer, whatever its quality. */
function boundOf(series: AggregateSeries, around: HistoryPage, time: number) {
  const at = series.firstFrom(time);
  const isStored = at < series.size && series.timeAt(at) === time;
  if (isStored) return { time, value: around.values[at] ?? Number.NaN, status: around.qualities[at] ?? 0 };
  return series.interpolatedBound(time);
}

/** Values around the instants, in order of time: of each the nearest usable ones on both sides and what lies between. */
async function surroundings(store: HistoryStore, key: string, query: AtTimeHistoryQuery): Promise<HistoryPage> {
  const instants = [...new Set(query.times)].sort((a, b) => a - b);
  const low = instants[0] ?? 0;
  const high = instants.at(-1) ?? 0;
  const limit = denseValues * instants.length;
  const whole = { key, from: low, to: nextInstant(high), reverse: false, limit };
  const [before, within, after] = await store.readRaw([
    ...nearest(key, [low], firstReach).slice(0, 1),
    whole,
    ...nearest(key, [high], firstReach).slice(1),
  ]);
  const isDense = within !== undefined && !within.more;
  const pages = isDense ? [before, within, after] : await store.readRaw(nearest(key, instants, firstReach));
  const found = merged(pages.filter((page) => page !== undefined));
  if (query.useSimpleBounds) return found;
  // Where the next value is of no use, the one behind it is wanted.
  const lacking = instants.filter((time) => !hasUsable(found, time, query));
  if (lacking.length === 0) return found;
  return merged([found, ...(await store.readRaw(nearest(key, lacking, lastReach)))]);
}

/** For each instant what lies at or before it, then what lies behind it. */
function nearest(key: string, instants: readonly number[], limit: number): RawRead[] {
  return instants.flatMap((time) => [
    { key, from: earliestTime, to: nextInstant(time), reverse: true, limit },
    { key, from: nextInstant(time), to: nextInstant(latestTime), reverse: false, limit },
  ]);
}

function hasUsable(page: HistoryPage, time: number, { treatUncertainAsBad }: AtTimeHistoryQuery): boolean {
  const isUsable = (i: number): boolean => {
    const quality = page.qualities[i] ?? 0;
    return treatUncertainAsBad ? isGood(quality) : !isBad(quality);
  };
  const behind = firstBehind(page.times, time);
  const isLast = behind === page.times.length;
  return behind === 0 || (isUsable(behind - 1) && (isLast || isUsable(behind)));
}

function firstBehind(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All values of the pages in order of time, each once. */
function merged(pages: readonly HistoryPage[]): HistoryPage {
  const places = pages.flatMap((page) => Array.from(page.times, (time, i) => ({ time, page, i })));
  places.sort((a, b) => a.time - b.time);
  const unique = places.filter(({ time }, i) => i === 0 || places[i - 1]?.time !== time);
  const hasTexts = pages.some((page) => page.texts !== undefined);
  return {
    times: Float64Array.from(unique, ({ time }) => time),
    values: Float64Array.from(unique, ({ page, i }) => page.values[i] ?? Number.NaN),
    qualities: Uint32Array.from(unique, ({ page, i }) => page.qualities[i] ?? 0),
    texts: hasTexts ? unique.map(({ page, i }) => page.texts?.[i]) : undefined,
    more: false,
  };
}
