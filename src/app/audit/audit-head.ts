import { createHmac, type KeyObject } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HostError } from "#model/errors.ts";

/** The last entry that was written: what tells that the end of the audit is missing. */
export interface AuditHead {
  readonly seq: number;
  readonly mac: string;
}

const anchorPattern = /^(\d{1,15}):([0-9a-f]{64})$/;

/** An entry in a form to keep elsewhere: whoever rewrites the audit cannot make the same again, with the key or without. */
export function anchorOf({ seq, mac }: AuditHead): string {
  return `${seq}:${mac}`;
}

/** Reads what `anchorOf` wrote. Throws `argument-invalid`. */
export function readAnchor(text: string): AuditHead {
  const [, seq, mac] = anchorPattern.exec(text.trim()) ?? [];
  if (seq !== undefined && mac !== undefined) return { seq: Number(seq), mac };
  throw new HostError(
    "argument-invalid",
    "an anchor is NUMBER:MAC with 64 hexadecimal digits, as `audit verify` prints it",
  );
}

/** `damaged`: there is a head, but not one that the holder of the key wrote. */
export type FoundHead = AuditHead | "missing" | "damaged";

const fileName = "head";
// One write within one disk sector: a power cut leaves the old head or the new one.
const headBytes = 256;

/** Writes the head after each batch of entries, in place and without waiting for the disk. */
export class HeadFile implements AsyncDisposable {
  readonly #key: KeyObject;
  readonly #file: FileHandle;

  private constructor(key: KeyObject, file: FileHandle) {
    this.#key = key;
    this.#file = file;
  }

  static async open(folder: string, key: KeyObject): Promise<HeadFile> {
    const path = join(folder, fileName);
    return new HeadFile(key, await open(path, "r+").catch(() => open(path, "w+", 0o600)));
  }

  async write(head: AuditHead): Promise<void> {
    const text = `${head.seq} ${head.mac} ${signatureOf(this.#key, head)}`;
    await this.#file.write(Buffer.from(text.padEnd(headBytes - 1).concat("\n"), "latin1"), 0, headBytes, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.sync().catch(() => {});
    await this.#file.close();
  }
}

export async function readHead(folder: string, key: KeyObject): Promise<FoundHead> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), "latin1");
  } catch {
    return "missing";
  }
  const [seqText = "", mac = "", signature = ""] = text.trim().split(" ");
  const head = { seq: Number(seqText), mac };
  return Number.isSafeInteger(head.seq) && signature === signatureOf(key, head) ? head : "damaged";
}

function signatureOf(key: KeyObject, { seq, mac }: AuditHead): string {
  return createHmac("sha256", key).update(`head ${seq} ${mac}`).digest("hex");
}
