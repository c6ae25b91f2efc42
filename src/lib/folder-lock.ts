import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Who holds a folder: the pid alone is not enough, because pids are used again after a restart. */
interface Holder {
  readonly pid: number;
  /** Changes with every boot; empty where the system does not tell. */
  readonly bootId: string;
  /** Start of the process in the system's own ticks; empty where the system does not tell. */
  readonly startedAt: string;
}

/** Another process, or another part of this one, holds the folder. */
export class FolderInUse extends Error {
  override readonly name = "FolderInUse";
}

/** The right to use a folder alone; given back on dispose. */
export interface FolderLock extends Disposable {
  readonly path: string;
}

/**
 * Takes `folder` (created if missing, mode 0700) for this process by a lock file `host.lock` in it. A lock is taken over
 * only from a process that is dead, never because it is old: a busy holder may be silent for long.
 * Throws FolderInUse naming the folder and the holder's pid.
 * Limit: a holder in another pid namespace (a second container on the same volume) cannot be seen and counts as dead.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "host.lock");
  const own = JSON.stringify(describe(process.pid));
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (createLock(path, own)) return { path, [Symbol.dispose]: () => release(path, own) };
    const found = readLock(path);
    if (found === undefined) continue;
    const holder = holderOf(found);
    if (holder !== undefined && isAlive(holder)) throw inUse(folder, `pid ${holder.pid}`);
    takeAway(path, found);
  }
  throw inUse(folder, "a process that is just starting");
}

function inUse(folder: string, holder: string): FolderInUse {
  return new FolderInUse(`The data folder ${folder} is in use by ${holder}`);
}

function createLock(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o600, flush: true });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The content of the lock, waiting a moment for a writer between creating and writing; undefined when it is gone. */
function readLock(path: string): string | undefined {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const content = readFileSync(path, "utf8");
      if (content !== "" || attempt === 10) return content;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function holderOf(content: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== "object" || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const pid = fields.get("pid");
    if (typeof pid !== "number") return undefined;
    return { pid, bootId: text(fields.get("bootId")), startedAt: text(fields.get("startedAt")) };
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isAlive(holder: Holder): boolean {
  const now = describe(holder.pid);
  if (holder.bootId !== "" && now.bootId !== "" && holder.bootId !== now.bootId) return false;
  if (!isRunning(holder.pid)) return false;
  return holder.startedAt === "" || now.startedAt === "" || holder.startedAt === now.startedAt;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only its parent has not noticed yet.
    return statOf(pid)[0] !== "Z";
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Removes the lock of a dead holder. Between reading and renaming another process may have taken it over: then the lock
 * that came away is not the one that was read, and goes back.
 */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== expected) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, own: string): void {
  try {
    if (readFileSync(path, "utf8") === own) rmSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function describe(pid: number): Holder {
  return { pid, bootId: readOr("/proc/sys/kernel/random/boot_id").trim(), startedAt: startTimeOf(pid) };
}

function startTimeOf(pid: number): string {
  return statOf(pid)[19] ?? "";
}

/** Fields of /proc/PID/stat (proc(5)) from the third on; the second, the command, may hold spaces and brackets. */
function statOf(pid: number): readonly string[] {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
