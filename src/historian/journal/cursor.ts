import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readIfThere, replaceFile } from "./files.ts";

const nameOfFile = "cursor";

/** The last record that needs no storing any more; 0 when none, or when the file is unreadable: then all is stored again. */
export async function readCursor(folder: string): Promise<number> {
  const content = Buffer.from((await readIfThere(join(folder, nameOfFile))) ?? []).toString("utf8");
  const [digits = "", check = ""] = content.trim().split(" ");
  return String(crc32(digits)) === check && Number.isSafeInteger(Number(digits)) ? Number(digits) : 0;
}

/** Keeps the cursor; durable when it resolves. */
export async function writeCursor(folder: string, seq: number): Promise<void> {
  const digits = String(seq);
  await replaceFile(join(folder, nameOfFile), `${digits} ${crc32(digits)}\n`);
}
