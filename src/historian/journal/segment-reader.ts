import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { JournalContent, RecordDecoder } from "./journal-content.ts";
import type { Quarantine } from "./quarantine.ts";
import { RecordKind } from "./record.ts";
import type { ReadRecord } from "./record-journal.ts";
import { type SegmentPart, scanSegment } from "./scan-segment.ts";
import type { SegmentInfo } from "./segment.ts";

export interface SegmentReaderOptions<T> {
  readonly quarantine: Quarantine;
  readonly content: JournalContent<T>;
}

/** Reads a finished segment from the front; what is damaged goes to quarantine and is passed over. */
export class SegmentReader<T> {
  readonly info: SegmentInfo;
  readonly #options: SegmentReaderOptions<T>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #parts: Iterator<SegmentPart>;
  readonly #decoder: RecordDecoder<T>;
  #rowsSeen = 0;
  #position = 0;

  private constructor(info: SegmentInfo, bytes: Uint8Array<ArrayBuffer>, options: SegmentReaderOptions<T>) {
    this.info = info;
    this.#options = options;
    this.#bytes = bytes;
    this.#parts = scanSegment(bytes);
    this.#decoder = options.content.decoder();
  }

  static async open<T>(info: SegmentInfo, options: SegmentReaderOptions<T>): Promise<SegmentReader<T>> {
    return new SegmentReader(info, new Uint8Array(await readFile(info.path)), options);
  }

  /** The last record that was passed. */
  get position(): number {
    return this.#position;
  }

  /** Items of the segment that were not found in it, each told once; known when the last record was passed. */
  takeMissing(): number {
    const missing = Math.max(0, this.info.rows - this.#rowsSeen);
    this.#rowsSeen += missing;
    return missing;
  }

  /** The next batch behind `after`, or undefined at the end. */
  async next(after: number): Promise<ReadRecord<T> | undefined> {
    const { content } = this.#options;
    for (let step = this.#parts.next(); step.done !== true; step = this.#parts.next()) {
      const part = step.value;
      if (part.kind === "damage") await this.#keep(part.start, part.end);
      if (part.kind !== "record") continue;
      if (part.record.kind === RecordKind.series) this.#decoder.learn(part.record);
      if (part.record.kind !== content.kind) continue;
      const batch = this.#decoder.decode(part.record);
      this.#rowsSeen += content.size(batch);
      this.#position = part.record.seq;
      if (part.record.seq > after) return { seq: part.record.seq, batch };
    }
    return undefined;
  }

  async #keep(start: number, end: number): Promise<void> {
    const name = `${basename(this.info.path)}-${start}.bin`;
    await this.#options.quarantine.keepBytes(name, this.#bytes.subarray(start, end));
  }
}
