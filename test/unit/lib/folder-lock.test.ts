import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderInUse, lockFolder } from "#lib/folder-lock.ts";

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-lock-"));
});

afterEach(() => {
  child?.kill("SIGKILL");
  child = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a second process that holds the lock until it is killed. */
async function holdInAnotherProcess(): Promise<number> {
  const lock = JSON.stringify(import.meta.resolve("#lib/folder-lock.ts"));
  const script = `import { FolderInUse, lockFolder } from ${lock}; lockFolder(process.argv[1]); console.log("held"); setInterval(() => {}, 1e6);`;
  child = spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null || child.pid === undefined) throw new Error("no child process");
  await once(child.stdout, "data");
  return child.pid;
}

describe("lockFolder", () => {
  it("refuses a folder that another process holds and names its pid", async () => {
    const pid = await holdInAnotherProcess();

    expect(() => lockFolder(folder)).toThrow(new FolderInUse(`The data folder ${folder} is in use by pid ${pid}`));
  });

  it("takes over from a process that was killed", async () => {
    await holdInAnotherProcess();
    const ended = child === undefined ? Promise.resolve() : once(child, "exit");
    child?.kill("SIGKILL");
    await ended;

    using lock = lockFolder(folder);

    expect(existsSync(lock.path)).toBe(true);
  });

  it("takes over from a pid that another process got since", () => {
    const stale = { pid: process.pid, bootId: "", startedAt: "1" };
    writeFileSync(join(folder, "host.lock"), JSON.stringify(stale));

    using lock = lockFolder(folder);

    expect(existsSync(lock.path)).toBe(true);
  });

  it("takes over a lock that a crash left empty", () => {
    writeFileSync(join(folder, "host.lock"), "");

    using lock = lockFolder(folder);

    expect(statSync(lock.path).size).toBeGreaterThan(0);
  });

  it("is free again after dispose, and held until then in the same process too", () => {
    const first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`pid ${process.pid}`);
    first[Symbol.dispose]();

    using second = lockFolder(folder);

    expect(second.path).toBe(first.path);
  });

  it("creates the folder for its owner only", () => {
    const inner = join(folder, "data");
    using _lock = lockFolder(inner);

    expect(statSync(inner).mode & 0o777).toBe(0o700);
  });
});
