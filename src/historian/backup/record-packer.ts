import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import type { JournalContent } from "#historian/journal/journal-content.ts";
import { encodeRecord, RecordKind } from "#historian/journal/record.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { type BackupFile, sha256Of } from "./manifest.ts";

/** A file of a backup is finished when it has this size before compression. */
const fileBytes = 16 * 1024 * 1024;

const compress = promisify(zstdCompress);

/** Writes files of a backup, compressed. */
export class BackupFolder {
  readonly #folder: string;
  readonly files: BackupFile[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(folder: string): Promise<BackupFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new BackupFolder(folder);
  }

  async add(kind: BackupFile["kind"], name: string, content: readonly Uint8Array[], rows: number): Promise<void> {
    const bytes = await compress(Buffer.concat(content));
    await writeFileAtomically(join(this.#folder, name), bytes);
    this.files.push({ name, kind, rows, sha256: sha256Of(bytes) });
  }

  async finish(name: string, text: string): Promise<void> {
    await writeFileAtomically(join(this.#folder, name), text);
  }
}

/** Packs batches into files that are read like segments of a journal. */
export class RecordPacker<T> {
  readonly #folder: BackupFolder;
  readonly #kind: "values" | "events";
  readonly #content: JournalContent<T>;
  readonly #named = new Set<number>();
  #records: Uint8Array[] = [];
  #bytes = 0;
  #rows = 0;
  #seq = 0;

  constructor(folder: BackupFolder, kind: "values" | "events", content: JournalContent<T>) {
    this.#folder = folder;
    this.#kind = kind;
    this.#content = content;
  }

  /** Items packed. */
  total = 0;

  async add(batch: T): Promise<void> {
    const content = this.#content;
    const count = content.size(batch);
    if (count === 0) return;
    const unnamed = [...new Set(content.numbersIn(batch))].filter((number) => !this.#named.has(number));
    for (const number of unnamed) this.#named.add(number);
    if (unnamed.length > 0) {
      const head = { seq: 0, kind: RecordKind.series, count: unnamed.length, from: Number.NaN, to: Number.NaN };
      this.#push(encodeRecord(head, content.encodeNames(unnamed)));
    }
    this.#seq += 1;
    const head = { seq: this.#seq, kind: content.kind, count, ...content.rangeOf(batch) };
    this.#push(encodeRecord(head, content.encode(batch)));
    this.#rows += count;
    this.total += count;
    if (this.#bytes >= fileBytes) await this.finish();
  }

  /** Writes what is not in a file yet. */
  async finish(): Promise<void> {
    if (this.#records.length === 0) return;
    const number = this.#folder.files.filter(({ kind }) => kind === this.#kind).length + 1;
    const name = `${this.#kind}-${String(number).padStart(6, "0")}.zst`;
    await this.#folder.add(this.#kind, name, this.#records, this.#rows);
    this.#records = [];
    this.#named.clear();
    this.#bytes = 0;
    this.#rows = 0;
  }

  #push(record: Uint8Array): void {
    this.#records.push(record);
    this.#bytes += record.length;
  }
}
