import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readIfThere, syncFolder } from "./files.ts";

const slotBytes = 64;
const slots = 2;

/**
 * The last record that needs no storing any more, on disk. Two slots of a fixed size are written in turn, so that a torn
 * write leaves the one before, and in place, so that a full disk does not keep the journal from being emptied.
 */
export class Cursor {
  readonly #path: string;
  readonly #folder: string;
  #seq: number;
  #nextSlot: number;

  private constructor(folder: string, found: readonly number[]) {
    this.#folder = folder;
    this.#path = join(folder, "cursor");
    this.#seq = Math.max(0, ...found);
    this.#nextSlot = found.indexOf(this.#seq) === 0 ? 1 : 0;
  }

  static async read(folder: string): Promise<Cursor> {
    const content = Buffer.from((await readIfThere(join(folder, "cursor"))) ?? []).toString("latin1");
    return new Cursor(
      folder,
      Array.from({ length: slots }, (_, i) => seqOf(content.slice(i * slotBytes, (i + 1) * slotBytes))),
    );
  }

  /** 0 when none, or when the file is unreadable: then all is stored again. */
  get seq(): number {
    return this.#seq;
  }

  /** Keeps the cursor; durable when it resolves. */
  async write(seq: number): Promise<void> {
    const digits = String(seq);
    await using file = await this.#open();
    const text = `${digits} ${crc32(digits)}`.padEnd(slotBytes - 1);
    await file.write(`${text}\n`, this.#nextSlot * slotBytes, "latin1");
    await file.datasync();
    this.#seq = seq;
    this.#nextSlot = (this.#nextSlot + 1) % slots;
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#path, "r+");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
    const file = await open(this.#path, "wx+", 0o600);
    await file.write(" ".repeat(slots * slotBytes), 0, "latin1");
    await syncFolder(this.#folder);
    return file;
  }
}

function seqOf(slot: string): number {
  const [digits = "", check = ""] = slot.trim().split(" ");
  return String(crc32(digits)) === check && Number.isSafeInteger(Number(digits)) ? Number(digits) : 0;
}
