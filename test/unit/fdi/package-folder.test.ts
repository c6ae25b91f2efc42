import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import { packageText } from "./v2/package-text.ts";

describe("loadPackageFolder", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "packages-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const put = async (name: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  };

  it("reads every .fdi file in the order of their paths and hashes its bytes", async () => {
    const other = packageText({ root: 'schemaVersion="2" id="acme/a" revision="1.0.0"' });
    await put("z/b.fdi", packageText());
    await put("a/deep/a.fdi", other);
    await put("a/readme.txt", "no package");

    const loaded = await loadPackageFolder(folder);

    expect(loaded.map(({ source, package: pkg }) => [source, pkg.id])).toEqual([
      ["a/deep/a.fdi", "acme/a"],
      ["z/b.fdi", "acme/b"],
    ]);
    expect(loaded[0]?.sha256).toBe(createHash("sha256").update(other).digest("hex"));
  });

  it("refuses a second file with the same id and revision and names both", async () => {
    await put("a.fdi", packageText());
    await put("b.fdi", packageText());

    await expect(loadPackageFolder(folder)).rejects.toThrow("b.fdi: acme/b@1.2.3 is already in a.fdi");
  });

  it("names the folder that cannot be read", async () => {
    await expect(loadPackageFolder(path.join(folder, "none"))).rejects.toMatchObject({ code: "package-invalid" });
  });
});
