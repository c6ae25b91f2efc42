import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HostError, messageOf } from "#model/errors.ts";

/** The first line of a secret's file. Throws `config-invalid` naming the file and what it is for. */
export async function readSecret(path: string, purpose: string): Promise<string> {
  try {
    const [line = ""] = (await readFile(path, "utf8")).split(/\r?\n/);
    if (line !== "") return line;
  } catch (error) {
    throw new HostError("config-invalid", `${purpose}: ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw new HostError("config-invalid", `${purpose}: the first line of ${path} is empty`);
}

/** A password made once per installation and kept in the data folder, readable by its owner only. */
export async function ownPassword(
  folder: string,
  name: string,
): Promise<{ readonly password: string; readonly path: string }> {
  const path = join(folder, "secrets", name);
  try {
    const [line = ""] = (await readFile(path, "utf8")).split(/\r?\n/);
    if (line !== "") return { password: line, path };
  } catch {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  }
  const password = randomBytes(9).toString("base64url");
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return { password, path };
}
