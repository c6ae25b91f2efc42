import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gather, type HistoryColumns } from "#historian/columns.ts";
import type { SeriesInfo } from "#historian/store/history-store.ts";
import { decodeSamples, decodeSeries } from "./payload.ts";
import type { Quarantine } from "./quarantine.ts";
import { type JournalRecord, RecordKind } from "./record.ts";
import type { ReadRecord } from "./sample-journal.ts";
import { type SegmentPart, scanSegment } from "./scan-segment.ts";
import type { SegmentInfo } from "./segment.ts";

export interface SegmentReaderOptions {
  readonly quarantine: Quarantine;
  readonly numberOf: (info: SeriesInfo) => number;
}

/** Reads a finished segment from the front; what is damaged goes to quarantine and is passed over. */
export class SegmentReader {
  readonly info: SegmentInfo;
  readonly #options: SegmentReaderOptions;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #parts: Iterator<SegmentPart>;
  readonly #numbers = new Map<number, number>();
  #rowsSeen = 0;
  #position = 0;

  private constructor(info: SegmentInfo, bytes: Uint8Array<ArrayBuffer>, options: SegmentReaderOptions) {
    this.info = info;
    this.#options = options;
    this.#bytes = bytes;
    this.#parts = scanSegment(bytes);
  }

  static async open(info: SegmentInfo, options: SegmentReaderOptions): Promise<SegmentReader> {
    return new SegmentReader(info, new Uint8Array(await readFile(info.path)), options);
  }

  /** The last record that was passed. */
  get position(): number {
    return this.#position;
  }

  /** Samples of the segment that were not found in it, once next() has come to the end. */
  get missingRows(): number {
    return Math.max(0, this.info.rows - this.#rowsSeen);
  }

  /** The next samples behind `after`, or undefined at the end. */
  async next(after: number): Promise<ReadRecord | undefined> {
    for (let step = this.#parts.next(); step.done !== true; step = this.#parts.next()) {
      const part = step.value;
      if (part.kind === "damage") await this.#keep(part.start, part.end);
      if (part.kind !== "record") continue;
      if (part.record.kind === RecordKind.series) this.#learn(part.record);
      if (part.record.kind !== RecordKind.samples) continue;
      const columns = this.#named(part.record);
      this.#rowsSeen += columns.size;
      this.#position = part.record.seq;
      if (part.record.seq > after) return { seq: part.record.seq, columns };
    }
    return undefined;
  }

  #learn(record: JournalRecord): void {
    for (const { number, info } of decodeSeries(record.payload, record.count)) {
      this.#numbers.set(number, this.#options.numberOf(info));
    }
  }

  /** The samples under today's numbers, without those whose series lost its name. */
  #named(record: JournalRecord): HistoryColumns {
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

  async #keep(start: number, end: number): Promise<void> {
    const name = `${basename(this.info.path)}-${start}.bin`;
    await this.#options.quarantine.keepBytes(name, this.#bytes.subarray(start, end));
  }
}
