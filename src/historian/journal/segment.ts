import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EpochMs } from "#model/ids.ts";
import { syncFolder } from "./files.ts";
import { decodeRecord, encodeRecord, frameBytes, type RecordHead, RecordKind } from "./record.ts";
import { scanSegment } from "./scan-segment.ts";

/** What is known of a finished segment without reading it. */
export interface SegmentInfo {
  readonly path: string;
  /** Records firstSeq to lastSeq; lastSeq < firstSeq when there are none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
  readonly rows: number;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const extension = ".fdj";

function segmentPath(folder: string, firstSeq: number): string {
  return join(folder, `${String(firstSeq).padStart(16, "0")}${extension}`);
}

/** The segments in `folder`, oldest first. */
export async function listSegments(folder: string): Promise<readonly SegmentInfo[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.fdj$/.test(name)).sort();
  const segments: SegmentInfo[] = [];
  for (const name of names) segments.push(await inspect(join(folder, name), Number(name.slice(0, 16))));
  return segments;
}

/** Reads the summary at the end; a segment that a crash left without one is read whole. */
async function inspect(path: string, firstSeq: number): Promise<SegmentInfo> {
  const { size } = await stat(path);
  await using file = await open(path, "r");
  const tail = new Uint8Array(Math.min(size, frameBytes));
  await file.read(tail, 0, tail.length, size - tail.length);
  const last = decodeRecord(tail, 0);
  if (typeof last === "object" && last.record.kind === RecordKind.summary) {
    const { seq, count, from, to } = last.record;
    return { path, firstSeq, lastSeq: seq, bytes: size, rows: count, from, to };
  }
  const extent = new Extent(firstSeq);
  for (const part of scanSegment(new Uint8Array(await file.readFile()))) {
    if (part.kind === "record" && isContent(part.record.kind)) extent.add(part.record);
  }
  return { path, firstSeq, bytes: size, ...extent.summary() };
}

function isContent(kind: number): boolean {
  return kind === RecordKind.samples || kind === RecordKind.events;
}

/** Sums up the content of a segment. */
class Extent {
  #lastSeq: number;
  #rows = 0;
  #from = Number.NaN;
  #to = Number.NaN;

  constructor(firstSeq: number) {
    this.#lastSeq = firstSeq - 1;
  }

  add(head: RecordHead): void {
    this.#lastSeq = Math.max(this.#lastSeq, head.seq);
    this.#rows += head.count;
    // The first comparison with NaN fails, which takes the value.
    if (!(this.#from <= head.from)) this.#from = head.from;
    if (!(this.#to >= head.to)) this.#to = head.to;
  }

  summary(): Pick<SegmentInfo, "lastSeq" | "rows" | "from" | "to"> {
    return { lastSeq: this.#lastSeq, rows: this.#rows, from: this.#from, to: this.#to };
  }
}

/** The segment that is being written: one writer, appending only. */
export class ActiveSegment {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #firstSeq: number;
  readonly #extent: Extent;
  readonly #named = new Set<number>();
  #bytes = 0;

  private constructor(file: FileHandle, path: string, firstSeq: number) {
    this.#file = file;
    this.#path = path;
    this.#firstSeq = firstSeq;
    this.#extent = new Extent(firstSeq);
  }

  /** Creates the segment whose first record will be `firstSeq`. */
  static async create(folder: string, firstSeq: number): Promise<ActiveSegment> {
    const path = segmentPath(folder, firstSeq);
    const file = await open(path, "wx", 0o600);
    await syncFolder(folder);
    return new ActiveSegment(file, path, firstSeq);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What it holds so far. */
  get info(): SegmentInfo {
    return { path: this.#path, firstSeq: this.#firstSeq, bytes: this.#bytes, ...this.#extent.summary() };
  }

  /** The ones among `numbers` that this segment does not explain yet, each once. */
  unnamed(numbers: Iterable<number>): number[] {
    const missing = new Set<number>();
    for (const number of numbers) if (!this.#named.has(number)) missing.add(number);
    return [...missing];
  }

  /**
   * Writes records and waits for the disk. When that fails nothing of them counts as written: the file is cut back to
   * what it was, so that the next attempt may follow.
   */
  async append(records: readonly Uint8Array[], heads: readonly RecordHead[], named: readonly number[]): Promise<void> {
    const start = this.#bytes;
    let offset = start;
    try {
      offset = await this.#write(records, start);
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(start).catch(() => undefined);
      throw error;
    }
    this.#bytes = offset;
    for (const head of heads) this.#extent.add(head);
    for (const number of named) this.#named.add(number);
  }

  /** Ends the segment with its summary. */
  async seal(): Promise<SegmentInfo> {
    const { lastSeq, rows, from, to } = this.info;
    const summary = encodeRecord({ seq: lastSeq, kind: RecordKind.summary, count: rows, from, to }, []);
    try {
      await this.append([summary], [], []);
    } finally {
      await this.#file.close();
    }
    return this.info;
  }

  /** Ends the segment as it is: what it lacks, a reader finds out by itself. */
  async abandon(): Promise<SegmentInfo> {
    await this.#file.close().catch(() => undefined);
    return this.info;
  }

  /** Writes all of it with one call where the disk takes it: each call waits for a turn of a loop that may be busy. */
  async #write(parts: readonly Uint8Array[], start: number): Promise<number> {
    const end = parts.reduce((offset, part) => offset + part.byteLength, start);
    for (let offset = start; offset < end; ) {
      const { bytesWritten } = await this.#file.writev(behind(parts, offset - start), offset);
      offset += bytesWritten;
    }
    return end;
  }
}

/** What is left of the parts behind their first `count` bytes. */
function behind(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip < part.byteLength) left.push(part.subarray(skip));
    skip = Math.max(0, skip - part.byteLength);
  }
  return left;
}
