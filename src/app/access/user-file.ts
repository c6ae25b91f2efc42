import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { UserCertificate, UserRecord, UserStore } from "#fleet/access/ports.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import { isJsonObject, type JsonObject, readJson } from "#lib/read-json.ts";
import { packageRoles } from "#model/command-spec.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { FileMutex } from "./file-mutex.ts";

const limits = { maxBytes: 4 * 1024 * 1024, maxDepth: 8, maxMembers: 100_000 };

/** The users of an installation: `users.json` in the data folder, readable by its owner only, replaced as a whole. */
export class UserFile implements UserStore {
  readonly path: string;
  readonly #mutex: FileMutex;
  #seen = "";

  constructor(dataFolder: string) {
    this.path = join(dataFolder, "users.json");
    this.#mutex = new FileMutex(`${this.path}.lock`);
  }

  async load(): Promise<readonly UserRecord[]> {
    this.#seen = await this.#stamp();
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw this.#broken(messageOf(error), error);
    }
    const reading = readJson(bytes, limits);
    if (!reading.ok) throw this.#broken(reading.detail);
    const list = isJsonObject(reading.value) ? reading.value["users"] : undefined;
    if (!Array.isArray(list)) throw this.#broken("it has no list of users");
    return list.map((item: unknown, i) => {
      const user = isJsonObject(item) ? userOf(item) : undefined;
      if (user === undefined) throw this.#broken(`user ${i + 1} of the list is incomplete`);
      return user;
    });
  }

  async update(change: (users: readonly UserRecord[]) => readonly UserRecord[]): Promise<readonly UserRecord[]> {
    return this.#mutex.with(async () => {
      const users = change(await this.load());
      await writeFileAtomically(this.path, `${JSON.stringify({ users }, undefined, 2)}\n`);
      this.#seen = await this.#stamp();
      return users;
    });
  }

  /** Tells when another program changed the file; looks every `periodMs`. */
  watch(clock: Clock, periodMs: number, onChange: () => void): Disposable {
    return every(clock, periodMs, () => {
      this.#stamp().then(
        (stamp) => {
          if (stamp === this.#seen) return;
          this.#seen = stamp;
          onChange();
        },
        () => undefined,
      );
    });
  }

  async #stamp(): Promise<string> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      return "";
    }
  }

  #broken(detail: string, cause?: unknown): HostError {
    const advice = "restore it from a backup; without the file a new administrator is made";
    return new HostError("config-invalid", `${this.path} cannot be read: ${detail}; ${advice}`, { cause });
  }
}

function userOf(item: JsonObject): UserRecord | undefined {
  const { name, password, mustChangePassword, enabled, createdAt, passwordChangedAt } = item;
  const role = packageRoles.find((known) => known === item["role"]);
  const certificates = certificatesOf(item["certificates"]);
  if (typeof name !== "string" || role === undefined || certificates === undefined) return undefined;
  if (typeof enabled !== "boolean" || typeof mustChangePassword !== "boolean") return undefined;
  if (password !== undefined && typeof password !== "string") return undefined;
  return {
    name,
    role,
    password,
    certificates,
    mustChangePassword,
    enabled,
    createdAt: typeof createdAt === "number" ? createdAt : 0,
    passwordChangedAt: typeof passwordChangedAt === "number" ? passwordChangedAt : undefined,
  };
}

function certificatesOf(list: unknown): UserCertificate[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const found = list.flatMap((item: unknown) => {
    if (!isJsonObject(item)) return [];
    const { thumbprint, subject, notAfter } = item;
    if (typeof thumbprint !== "string" || typeof subject !== "string" || typeof notAfter !== "number") return [];
    return [{ thumbprint, subject, notAfter }];
  });
  return found.length === list.length ? found : undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
