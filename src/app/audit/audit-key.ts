import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HostError, messageOf } from "#model/errors.ts";

const keyBytes = 32;

/** Where the key of an audit folder is kept: beside the folder, so that a copy of the audit does not carry it along. */
export function auditKeyPath(folder: string): string {
  return join(dirname(folder), "secrets", "audit.key");
}

/** The key that chains the audit. Throws `config-invalid` when the file is missing or damaged. */
export async function readAuditKey(path: string): Promise<KeyObject> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new HostError("config-invalid", `the audit key ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const key = Buffer.from(text.trim(), "hex");
  // A key object: with bytes, each HMAC would cost more than twice as much.
  if (key.length === keyBytes) return createSecretKey(key);
  throw new HostError("config-invalid", `the audit key ${path} is damaged: expected ${keyBytes} bytes in hexadecimal`);
}

/** Makes the key of a new audit, readable by its owner only. */
export async function createAuditKey(path: string): Promise<KeyObject> {
  const key = randomBytes(keyBytes);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(`${key.toString("hex")}\n`);
  await file.sync();
  return createSecretKey(key);
}
