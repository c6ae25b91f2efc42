import type { HistoryColumns } from "#historian/columns.ts";
import type { SeriesInfo } from "#historian/store/history-store.ts";
import { dataTypes } from "#model/data-type.ts";

/** The columns of a batch, one behind the other as they lie in memory; its `count` is that of the record. */
export function encodeSamples(columns: HistoryColumns): readonly Uint8Array[] {
  const { size } = columns;
  const texts = columns.texts === undefined ? undefined : encodeTexts(columns.texts, size);
  const has = (columns.serverTimes === undefined ? 0 : hasServerTimes) + (texts === undefined ? 0 : hasTexts);
  const parts = [Uint32Array.of(has, 0), columns.times, columns.values, columns.series, columns.statuses];
  if (columns.serverTimes !== undefined) parts.push(columns.serverTimes);
  return [...parts.map(bytesOf), ...(texts ?? [])];
}

/** Reads what encodeSamples wrote. */
export function decodeSamples(payload: Uint8Array<ArrayBuffer>, count: number): HistoryColumns {
  const reader = new ColumnReader(payload);
  const has = reader.integers(2)[0] ?? 0;
  const times = reader.doubles(count);
  const values = reader.doubles(count);
  const series = reader.integers(count);
  const statuses = reader.integers(count);
  const serverTimes = (has & hasServerTimes) === 0 ? undefined : reader.doubles(count);
  const texts = (has & hasTexts) === 0 ? undefined : reader.texts(count);
  return { size: count, series, times, values, statuses, serverTimes, texts };
}

export interface NumberedSeries {
  /** As in the samples of the same segment. */
  readonly number: number;
  readonly info: SeriesInfo;
}

/** Names of series. */
export function encodeSeries(series: readonly NumberedSeries[]): readonly Uint8Array[] {
  const numbers = Int32Array.from(series, ({ number }) => number);
  const types = Int32Array.from(series, ({ info }) => dataTypes.indexOf(info.dataType));
  const texts = series.flatMap(({ info }) => [info.device, info.parameter, info.unit]);
  return [bytesOf(numbers), bytesOf(types), ...encodeTexts(texts, texts.length)];
}

/** Reads what encodeSeries wrote. */
export function decodeSeries(payload: Uint8Array<ArrayBuffer>, count: number): readonly NumberedSeries[] {
  const reader = new ColumnReader(payload);
  const numbers = reader.integers(count);
  const types = reader.integers(count);
  const texts = reader.texts(3 * count);
  return Array.from(numbers, (number, i) => {
    const [device = "", parameter = "", unit = ""] = texts.slice(3 * i, 3 * i + 3);
    const dataType = dataTypes[types[i] ?? -1] ?? "double";
    return { number, info: { key: `${device}/${parameter}`, device, parameter, unit, dataType } };
  });
}

const hasServerTimes = 1;
const hasTexts = 2;
const utf8 = new TextEncoder();

function bytesOf(array: Int32Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Lengths (-1: none), then the UTF-8 of each. */
function encodeTexts(texts: readonly (string | undefined)[], count: number): readonly Uint8Array[] {
  const lengths = new Int32Array(count).fill(-1);
  const bytes: Uint8Array[] = [];
  for (let i = 0; i < count; i += 1) {
    const text = texts[i];
    if (text === undefined) continue;
    const encoded = utf8.encode(text);
    lengths[i] = encoded.length;
    bytes.push(encoded);
  }
  return [bytesOf(lengths), ...bytes];
}

/** Takes columns off the front; copies, because a payload lies at any offset. */
class ColumnReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  integers(count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#take(count * 4).slice().buffer);
  }

  doubles(count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#take(count * 8).slice().buffer);
  }

  texts(count: number): (string | undefined)[] {
    return Array.from(this.integers(count), (length) =>
      length < 0 ? undefined : Buffer.from(this.#take(length)).toString("utf8"),
    );
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(this.#offset, this.#offset + count);
    this.#offset += count;
    return taken;
  }
}
