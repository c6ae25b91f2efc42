import { readFile, stat } from "node:fs/promises";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import { isJsonObject, type JsonObject, readJson } from "#lib/read-json.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { FileMutex } from "./access/file-mutex.ts";

const limits = { maxBytes: 4 * 1024 * 1024, maxDepth: 8, maxMembers: 100_000 };

export interface ListFileOptions<T> {
  readonly path: string;
  /** The record in an object of the list; undefined when it is incomplete. */
  readonly recordOf: (item: JsonObject) => T | undefined;
  /** What becomes of a damaged file, e.g. `restore it from a backup`. */
  readonly advice: string;
}

/**
 * Records under `users` of a JSON file that the host and the command line tool share: readable by its owner only, replaced
 * as a whole, changed by one program at a time.
 */
export class ListFile<T> {
  readonly path: string;
  readonly #options: ListFileOptions<T>;
  readonly #mutex: FileMutex;
  #seen = "";

  constructor(options: ListFileOptions<T>) {
    this.path = options.path;
    this.#options = options;
    this.#mutex = new FileMutex(`${this.path}.lock`);
  }

  /** None when there is no file. Throws `config-invalid`. */
  async load(): Promise<readonly T[]> {
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
      const record = isJsonObject(item) ? this.#options.recordOf(item) : undefined;
      if (record === undefined) throw this.#broken(`user ${i + 1} of the list is incomplete`);
      return record;
    });
  }

  async update(change: (records: readonly T[]) => readonly T[]): Promise<readonly T[]> {
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
    return new HostError("config-invalid", `${this.path} cannot be read: ${detail}; ${this.#options.advice}`, {
      cause,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
