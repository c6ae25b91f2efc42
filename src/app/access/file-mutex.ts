import { open, rm, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { HostError } from "#model/errors.ts";

/** A holder needs milliseconds: one that is older died with the lock in its hand. */
const staleAfterMs = 10_000;
const retryMs = 20;
const attempts = 250;

/** Lets one process at a time change a file: the host and the command line tool may be at it together. */
export class FileMutex {
  readonly #path: string;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Runs `work` alone. Throws `overloaded` when the lock is not given back within seconds. */
  with<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(() => this.#locked(work));
    this.#tail = run.catch(() => undefined);
    return run;
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      await rm(this.#path, { force: true });
    }
  }

  async #take(): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        await using _lock = await open(this.#path, "wx", 0o600);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        await this.#removeStale();
        await pause(retryMs);
      }
    }
    throw new HostError("overloaded", `${this.#path} is held by another program; if there is none, delete it`);
  }

  async #removeStale(): Promise<void> {
    try {
      const { mtimeMs } = await stat(this.#path);
      if (Date.now() - mtimeMs > staleAfterMs) await rm(this.#path, { force: true });
    } catch {
      // It was given back meanwhile.
    }
  }
}
