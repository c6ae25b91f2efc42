import { mkdir, readFile, rm, statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TimeRange, unionOf } from "#historian/columns.ts";
import { Cursor } from "./cursor.ts";
import { syncFolder } from "./files.ts";
import type { JournalContent } from "./journal-content.ts";
import { Quarantine } from "./quarantine.ts";
import { encodeRecord, type RecordHead, RecordKind } from "./record.ts";
import { JournalFull, type JournalLoss, type ReadRecord, type RecordJournal } from "./record-journal.ts";
import { ActiveSegment, listSegments, type SegmentInfo } from "./segment.ts";
import { SegmentReader, type SegmentReaderOptions } from "./segment-reader.ts";

export interface JournalLimits {
  /** A segment is finished when it has this size. */
  readonly segmentBytes: number;
  readonly maxBytes: number;
  /** The journal stops growing when its disk has less than this left. */
  readonly minFreeBytes: number;
  /** What to do then: take nothing more, or forget the oldest. */
  readonly whenFull: "block" | "drop-oldest";
}

export const defaultJournalLimits: JournalLimits = {
  segmentBytes: 16 * 1024 * 1024,
  maxBytes: 4 * 1024 * 1024 * 1024,
  minFreeBytes: 256 * 1024 * 1024,
  whenFull: "block",
};

/** How far a journal is from its limits. */
export interface JournalState extends Omit<JournalLimits, "segmentBytes"> {
  readonly bytes: number;
}

export interface JournalOptions<T> {
  readonly folder: string;
  readonly limits: JournalLimits;
  readonly content: JournalContent<T>;
  /** Told how many items are lost. */
  readonly onLost: (rows: number, reason: JournalLoss) => void;
}

/**
 * Batches on their way to the store, on disk: appended in groups, each durable before it is confirmed; read in order;
 * removed segment by segment once the cursor that says so is durable itself. A new segment is begun at every start, so an
 * old one is never written to.
 */
export class Journal<T> implements RecordJournal<T> {
  readonly quarantine: Quarantine;
  readonly #options: JournalOptions<T>;
  readonly #segments: SegmentInfo[];
  readonly #cursor: Cursor;
  #active: ActiveSegment | undefined;
  #reader: SegmentReader<T> | undefined;
  /** Segments whose losses were told. */
  readonly #toldOf = new Set<string>();
  #lastSeq: number;
  #committed: number;
  /** Records from here on need not be read: the writer has them in memory. */
  #heldFrom = Number.POSITIVE_INFINITY;
  /** The last record that was read: whoever read it has it. */
  #readTo = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: JournalOptions<T>, segments: readonly SegmentInfo[], cursor: Cursor) {
    this.#options = options;
    this.#segments = [...segments];
    this.#cursor = cursor;
    this.#committed = cursor.seq;
    this.#lastSeq = Math.max(cursor.seq, ...segments.map((segment) => segment.lastSeq));
    this.quarantine = new Quarantine(join(options.folder, "quarantine"));
  }

  /** Opens the journal in `folder`; whatever state it is in, it opens. */
  static async open<T>(options: JournalOptions<T>): Promise<Journal<T>> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const cursor = await Cursor.read(options.folder);
    const segments = await listSegments(options.folder);
    const journal = new Journal(
      options,
      segments.filter((segment) => segment.lastSeq >= segment.firstSeq),
      cursor,
    );
    for (const segment of segments) if (segment.lastSeq < segment.firstSeq) await journal.#discard(segment);
    await journal.#removeStored();
    return journal;
  }

  /** Number of the last record that was written; the first one is 1. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Number of the last record that needs no storing. */
  get committed(): number {
    return this.#committed;
  }

  get state(): JournalState {
    const { maxBytes, minFreeBytes, whenFull } = this.#options.limits;
    return { bytes: this.bytes, maxBytes, minFreeBytes, whenFull };
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, this.#active?.bytes ?? 0);
  }

  /** Times of what may still wait, at least; undefined when nothing does. */
  pendingRange(): TimeRange | undefined {
    if (this.#committed >= this.#lastSeq) return undefined;
    const waiting = [...this.#segments, ...(this.#active === undefined ? [] : [this.#active.info])].filter(
      (segment) => segment.lastSeq > this.#committed,
    );
    return unionOf(waiting);
  }

  /** Items behind the cursor; reads the segment that the cursor points into. */
  async pendingRows(): Promise<number> {
    let rows = this.#active?.info.rows ?? 0;
    for (const segment of this.#segments) rows += await this.#rowsBehind(segment, this.#committed);
    return rows;
  }

  /**
   * Writes the batches, one record each, and waits until they are on disk; returns the number of the last.
   * Throws JournalFull at the limits, and what the disk says when it fails: then none of them is in the journal.
   */
  async append(batches: readonly T[]): Promise<number> {
    return this.#exclusive(async () => {
      const bytes = batches.reduce((sum, batch) => sum + this.#options.content.bytesOf(batch), 0);
      await this.#makeRoom(bytes);
      this.#active ??= await ActiveSegment.create(this.#options.folder, this.#lastSeq + 1);
      await this.#write(this.#active, batches);
      this.#lastSeq += batches.length;
      if (this.#active.bytes >= this.#options.limits.segmentBytes) await this.#seal();
      return this.#lastSeq;
    });
  }

  /** The first batch behind record `after` that is only on disk, or undefined when there is none. */
  async next(after: number): Promise<ReadRecord<T> | undefined> {
    return this.#exclusive(async () => {
      for (let position = after; ; ) {
        const reader = await this.#readerBehind(position);
        const record = await reader?.next(position);
        if (reader === undefined) return undefined;
        // Whatever it held is read or lost.
        if (record === undefined || record.seq >= reader.info.lastSeq) this.#tellMissing(reader);
        if (record !== undefined && record.seq < this.#heldFrom) {
          this.#readTo = record.seq;
          return record;
        }
        this.#reader = undefined;
        if (record !== undefined) return undefined;
        position = Math.max(position, reader.info.lastSeq);
      }
    });
  }

  /** Tells that records from `seq` on are in memory and will not be read; infinity when none are. */
  holdFrom(seq: number): void {
    this.#heldFrom = seq;
  }

  /** Tells that everything up to record `seq` is stored. Made durable by persist(). */
  commit(seq: number): void {
    this.#committed = Math.max(this.#committed, seq);
  }

  /** Makes the cursor durable, then removes what lies behind it. */
  async persist(): Promise<void> {
    await this.#exclusive(() => this.#removeStored());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exclusive(async () => {
      await this.#seal();
      await this.#removeStored();
    });
  }

  async #exclusive<R>(action: () => Promise<R>): Promise<R> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #write(active: ActiveSegment, batches: readonly T[]): Promise<void> {
    const { content } = this.#options;
    const unnamed = active.unnamed(numbersIn(batches, content));
    const records: Uint8Array[] = [];
    const heads: RecordHead[] = [];
    if (unnamed.length > 0) {
      const head = { seq: 0, kind: RecordKind.series, count: unnamed.length, from: Number.NaN, to: Number.NaN };
      const names = encodeRecord(head, content.encodeNames(unnamed));
      // Twice: without its names a whole segment would be unreadable.
      records.push(names, names);
    }
    for (const [i, batch] of batches.entries()) {
      const seq = this.#lastSeq + 1 + i;
      const head = { seq, kind: content.kind, count: content.size(batch), ...content.rangeOf(batch) };
      heads.push(head);
      records.push(encodeRecord(head, content.encode(batch)));
    }
    try {
      await active.append(records, heads, unnamed);
    } catch (error) {
      // What the disk did with a write that failed is unknown: begin another file.
      this.#active = undefined;
      const left = await active.abandon();
      if (left.lastSeq >= left.firstSeq) this.#segments.push(left);
      else await rm(left.path, { force: true });
      throw error;
    }
  }

  async #seal(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    this.#segments.push(await active.seal().catch(() => active.info));
  }

  /** A reader on the first finished segment with records behind `after`. */
  async #readerBehind(after: number): Promise<SegmentReader<T> | undefined> {
    const isBehind = (candidate: SegmentInfo): boolean => candidate.lastSeq > after;
    // Only finished segments are read; one that is still written ends early when its turn has come.
    if (!this.#segments.some(isBehind) && this.#active !== undefined && after + 1 < this.#heldFrom) await this.#seal();
    const segment = this.#segments.find(isBehind);
    if (segment === undefined || segment.firstSeq >= this.#heldFrom) return undefined;
    const isAtIt = this.#reader?.info.path === segment.path && this.#reader.position <= after;
    if (!isAtIt) this.#reader = await SegmentReader.open(segment, this.#readerOptions());
    return this.#reader;
  }

  /** Once per segment, although one may be read twice. */
  #tellMissing(reader: SegmentReader<T>): void {
    const missing = reader.takeMissing();
    if (missing === 0 || this.#toldOf.has(reader.info.path)) return;
    this.#toldOf.add(reader.info.path);
    this.#options.onLost(missing, "journal-damaged");
  }

  #readerOptions(): SegmentReaderOptions<T> {
    return { quarantine: this.quarantine, content: this.#options.content };
  }

  async #makeRoom(bytes: number): Promise<void> {
    if ((await this.#shortage(bytes)) === undefined) return;
    await this.#removeStored();
    for (let reason = await this.#shortage(bytes); reason !== undefined; reason = await this.#shortage(bytes)) {
      if (this.#options.limits.whenFull === "block" || !(await this.#dropOldest())) throw new JournalFull(reason);
    }
  }

  /** Why there is no room for `bytes` more, or undefined. */
  async #shortage(bytes: number): Promise<string | undefined> {
    const { folder, limits } = this.#options;
    if (this.bytes + bytes > limits.maxBytes) return `The journal in ${folder} has reached ${limits.maxBytes} bytes`;
    const disk = await statfs(folder);
    if (disk.bavail * disk.bsize >= limits.minFreeBytes + bytes) return undefined;
    return `The disk of the journal in ${folder} has less than ${limits.minFreeBytes} bytes left`;
  }

  async #dropOldest(): Promise<boolean> {
    if (this.#segments.length === 0) await this.#seal();
    const oldest = this.#segments[0];
    if (oldest === undefined) return false;
    const lost = await this.#rowsBehind(oldest, Math.max(this.#committed, this.#readTo));
    this.#segments.shift();
    if (this.#reader?.info.path === oldest.path) this.#reader = undefined;
    await rm(oldest.path, { force: true });
    if (lost > 0) this.#options.onLost(lost, "journal-overflow");
    return true;
  }

  /** Items of a segment in records behind `seq` that are only on disk. */
  async #rowsBehind(segment: SegmentInfo, seq: number): Promise<number> {
    if (segment.lastSeq <= seq) return 0;
    if (segment.firstSeq > seq && segment.lastSeq < this.#heldFrom) return segment.rows;
    const reader = await SegmentReader.open(segment, this.#readerOptions());
    let rows = 0;
    for (let record = await reader.next(seq); record !== undefined; record = await reader.next(seq)) {
      if (record.seq < this.#heldFrom) rows += this.#options.content.size(record.batch);
    }
    return rows + reader.takeMissing();
  }

  /** Removes a segment without a readable record, as a crash leaves it; keeps what is in it. */
  async #discard(segment: SegmentInfo): Promise<void> {
    if (segment.bytes > 0) {
      await this.quarantine.keepBytes(basename(segment.path), new Uint8Array(await readFile(segment.path)));
    }
    await rm(segment.path, { force: true });
  }

  /** The order matters: a cursor that points behind a file that is gone is harmless, the reverse stores twice. */
  async #removeStored(): Promise<void> {
    if (this.#committed > this.#cursor.seq) await this.#cursor.write(this.#committed);
    const stored = this.#segments.filter((segment) => segment.lastSeq <= this.#cursor.seq);
    if (stored.length === 0) return;
    for (const segment of stored) await rm(segment.path, { force: true });
    await syncFolder(this.#options.folder);
    const kept = this.#segments.filter((segment) => segment.lastSeq > this.#cursor.seq);
    this.#segments.splice(0, this.#segments.length, ...kept);
  }
}

function* numbersIn<T>(batches: readonly T[], content: JournalContent<T>): Generator<number> {
  for (const batch of batches) yield* content.numbersIn(batch);
}
