import type { EpochMs } from "#model/ids.ts";

/**
 * Historized samples as columns, the only form in which they travel through the historian: no object per sample.
 * All columns have `size` entries.
 */
export interface HistoryColumns {
  readonly size: number;
  /** Series of each sample: index into the writer's table before the store assigned ids, store id behind it. */
  readonly series: Int32Array<ArrayBuffer>;
  /** Source times, epoch ms with microseconds as fraction. */
  readonly times: Float64Array<ArrayBuffer>;
  /** NaN where the value is a text or absent. */
  readonly values: Float64Array<ArrayBuffer>;
  /** OPC UA StatusCodes, bit-cast to signed: Bad is negative. */
  readonly statuses: Int32Array<ArrayBuffer>;
  /** When the host received the sample, where that tells more than the source time; NaN elsewhere, undefined when nowhere. */
  readonly serverTimes: Float64Array<ArrayBuffer> | undefined;
  /** Undefined when no sample is a text. */
  readonly texts: readonly (string | undefined)[] | undefined;
}

const noIntegers = new Int32Array(0);
const noNumbers = new Float64Array(0);

/** Collects samples into columns; grows as needed, and has no memory while it is empty. */
export class ColumnCollector {
  #size = 0;
  #series = noIntegers;
  #times = noNumbers;
  #values = noNumbers;
  #statuses = noIntegers;
  #serverTimes: Float64Array<ArrayBuffer> | undefined;
  #texts: (string | undefined)[] | undefined;
  readonly #capacity: number;

  /** `capacity`: samples that are usually taken together. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a sample; the quality is an unsigned StatusCode. */
  add(series: number, time: number, value: number, quality: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const i = this.#size;
    this.#series[i] = series;
    this.#times[i] = time;
    this.#values[i] = value;
    this.#statuses[i] = quality | 0;
    this.#size = i + 1;
  }

  /** Gives the last added sample its text. */
  setText(text: string): void {
    this.#texts ??= [];
    this.#texts[this.#size - 1] = text;
  }

  /** Gives the last added sample the time at which the host received it. */
  setServerTime(time: number): void {
    this.#serverTimes ??= new Float64Array(this.#times.length).fill(Number.NaN);
    this.#serverTimes[this.#size - 1] = time;
  }

  /** Hands over what was collected and starts again empty. */
  take(): HistoryColumns {
    const size = this.#size;
    if (this.#texts !== undefined) this.#texts.length = size;
    const columns = {
      size,
      series: this.#series.subarray(0, size),
      times: this.#times.subarray(0, size),
      values: this.#values.subarray(0, size),
      statuses: this.#statuses.subarray(0, size),
      serverTimes: this.#serverTimes?.subarray(0, size),
      texts: this.#texts,
    };
    this.#size = 0;
    this.#series = noIntegers;
    this.#times = noNumbers;
    this.#values = noNumbers;
    this.#statuses = noIntegers;
    this.#serverTimes = undefined;
    this.#texts = undefined;
    return columns;
  }

  #grow(): void {
    const capacity = this.#times.length * 2 || this.#capacity;
    this.#series = grown(this.#series, new Int32Array(capacity));
    this.#times = grown(this.#times, new Float64Array(capacity));
    this.#values = grown(this.#values, new Float64Array(capacity));
    this.#statuses = grown(this.#statuses, new Int32Array(capacity));
    if (this.#serverTimes === undefined) return;
    this.#serverTimes = grown(this.#serverTimes, new Float64Array(capacity).fill(Number.NaN));
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

/**
 * The samples at `order[0..count)` of `columns`. `seriesOf[i]` is the series of the sample that was at position i; without
 * it the series stay.
 */
export function gather(
  columns: HistoryColumns,
  order: Uint32Array,
  count: number,
  seriesOf: Int32Array = columns.series,
): HistoryColumns {
  const series = new Int32Array(count);
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  const statuses = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    const from = order[i] ?? 0;
    series[i] = seriesOf[from] ?? 0;
    times[i] = columns.times[from] ?? Number.NaN;
    values[i] = columns.values[from] ?? Number.NaN;
    statuses[i] = columns.statuses[from] ?? 0;
  }
  return {
    size: count,
    series,
    times,
    values,
    statuses,
    serverTimes: columns.serverTimes && gatherNumbers(columns.serverTimes, order, count),
    texts: columns.texts && gatherTexts(columns.texts, order, count),
  };
}

function gatherNumbers(from: Float64Array, order: Uint32Array, count: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i += 1) out[i] = from[order[i] ?? 0] ?? Number.NaN;
  return out;
}

function gatherTexts(
  from: readonly (string | undefined)[],
  order: Uint32Array,
  count: number,
): readonly (string | undefined)[] {
  const out: (string | undefined)[] = [];
  for (let i = 0; i < count; i += 1) out.push(from[order[i] ?? 0]);
  return out;
}

/** The batches one behind the other. */
export function concatColumns(batches: readonly HistoryColumns[]): HistoryColumns {
  const [only] = batches;
  if (only !== undefined && batches.length === 1) return only;
  const size = batches.reduce((sum, batch) => sum + batch.size, 0);
  const series = new Int32Array(size);
  const times = new Float64Array(size);
  const values = new Float64Array(size);
  const statuses = new Int32Array(size);
  const serverTimes = batches.some((batch) => batch.serverTimes) ? new Float64Array(size).fill(Number.NaN) : undefined;
  const texts = batches.some((batch) => batch.texts) ? batches.flatMap(textsOf) : undefined;
  let offset = 0;
  for (const batch of batches) {
    series.set(batch.series, offset);
    times.set(batch.times, offset);
    values.set(batch.values, offset);
    statuses.set(batch.statuses, offset);
    if (batch.serverTimes !== undefined) serverTimes?.set(batch.serverTimes, offset);
    offset += batch.size;
  }
  return { size, series, times, values, statuses, serverTimes, texts };
}

/** One text per sample: where only some have one the list has holes, which flattening would leave out. */
function textsOf({ texts, size }: HistoryColumns): readonly (string | undefined)[] {
  return Array.from({ length: size }, (_, i) => texts?.[i]);
}

/** The samples from `start` up to `end`, sharing memory. */
export function sliceColumns(columns: HistoryColumns, start: number, end: number): HistoryColumns {
  return {
    size: end - start,
    series: columns.series.subarray(start, end),
    times: columns.times.subarray(start, end),
    values: columns.values.subarray(start, end),
    statuses: columns.statuses.subarray(start, end),
    serverTimes: columns.serverTimes?.subarray(start, end),
    texts: columns.texts?.slice(start, end),
  };
}

/** Oldest and newest of some times, both inclusive. */
export interface TimeRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The range of `times`; from > to when there are none. */
export function timeRangeOf(times: Float64Array): TimeRange {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < from) from = time;
    if (time > to) to = time;
  }
  return { from, to };
}

/** The range that holds all of `ranges`; undefined when there are none. */
export function unionOf(ranges: readonly TimeRange[]): TimeRange | undefined {
  if (ranges.length === 0) return undefined;
  return { from: Math.min(...ranges.map((range) => range.from)), to: Math.max(...ranges.map((range) => range.to)) };
}
