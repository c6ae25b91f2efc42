import { concatColumns, gather, type HistoryColumns, sliceColumns, timeRangeOf } from "#historian/columns.ts";
import type { SeriesInfo } from "#historian/store/history-store.ts";
import type { JournalContent, RecordDecoder } from "./journal-content.ts";
import { decodeSamples, decodeSeries, encodeSamples, encodeSeries } from "./payload.ts";
import { type JournalRecord, RecordKind } from "./record.ts";

/** Numbers and names of series, as the writer of the samples has them. */
export interface SeriesNames {
  infoOf(number: number): SeriesInfo;
  numberOfInfo(info: SeriesInfo): number;
}

/** Samples as the content of a journal; each segment names its series. */
export function sampleContent(series: SeriesNames): JournalContent<HistoryColumns> {
  return {
    kind: RecordKind.samples,
    size: (batch) => batch.size,
    rangeOf: (batch) => timeRangeOf(batch.times),
    concat: concatColumns,
    slice: sliceColumns,
    encode: encodeSamples,
    bytesOf: (batch) => 100 + 24 * batch.size,
    numbersIn: (batch) => batch.series,
    encodeNames: (numbers) => encodeSeries(numbers.map((number) => ({ number, info: series.infoOf(number) }))),
    decoder: () => new SampleDecoder(series),
  };
}

class SampleDecoder implements RecordDecoder<HistoryColumns> {
  readonly #series: SeriesNames;
  readonly #numbers = new Map<number, number>();

  constructor(series: SeriesNames) {
    this.#series = series;
  }

  learn(record: JournalRecord): void {
    for (const { number, info } of decodeSeries(record.payload, record.count)) {
      this.#numbers.set(number, this.#series.numberOfInfo(info));
    }
  }

  /** The samples under today's numbers, without those whose series lost its name. */
  decode(record: JournalRecord): HistoryColumns {
    const columns = decodeSamples(record.payload, record.count);
    const order = new Uint32Array(columns.size);
    const numbers = new Int32Array(columns.size);
    let count = 0;
    for (let i = 0; i < columns.size; i += 1) {
      const number = this.#numbers.get(columns.series[i] ?? -1);
      if (number === undefined) continue;
      numbers[i] = number;
      order[count] = i;
      count += 1;
    }
    return gather(columns, order, count, numbers);
  }
}
