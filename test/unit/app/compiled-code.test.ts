import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const module = new URL("../../../src/app/compiled-code.ts", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "fdi-host-code-"));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that keeps its compiled code in `dataFolder`, loads a module and ends. */
function run(dataFolder: string): void {
  const script = `import { keepCompiledCode } from ${JSON.stringify(module)};
    keepCompiledCode(${JSON.stringify(dataFolder)});
    await import(${JSON.stringify(new URL("../../../src/app/command-line.ts", import.meta.url).href)});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}

describe("compiled code", () => {
  it("is kept below the data folder, but does not make one", () => {
    const missing = join(folder, "not-there");

    run(folder);
    run(missing);

    expect(readdirSync(join(folder, "cache", "code"))).not.toEqual([]);
    expect(existsSync(missing)).toBe(false);
  });
});
