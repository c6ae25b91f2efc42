import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { messageOf } from "#model/errors.ts";
import { PackageError, type PackageWarning } from "#model/package-problem.ts";
import { readDevicePackage } from "./read-package.ts";

export interface LoadedPackage {
  readonly package: DevicePackage;
  readonly warnings: readonly PackageWarning[];
  /** Path below the folder, with `/`. */
  readonly source: string;
  /** Hash of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads every `*.fdi` below a folder, in the order of their paths. Throws PackageError (`package-invalid`) at the first
 * file that is broken or repeats a package, and when the folder cannot be read.
 */
export async function loadPackageFolder(folder: string): Promise<LoadedPackage[]> {
  const loaded: LoadedPackage[] = [];
  const sources = new Map<string, string>();
  for (const source of await packageFilesOf(folder)) {
    const bytes = await readFile(path.join(folder, source));
    const read = readDevicePackage(bytes, source);
    const key = packageKey(read.package);
    const other = sources.get(key);
    if (other !== undefined) throw new PackageError("duplicate-package", `${source}: ${key} is already in ${other}`);
    sources.set(key, source);
    loaded.push({ ...read, source, sha256: createHash("sha256").update(bytes).digest("hex") });
  }
  return loaded;
}

async function packageFilesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(".fdi"))
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
      .sort();
  } catch (error) {
    const message = `package folder ${folder} cannot be read: ${messageOf(error)}`;
    throw new PackageError("invalid-content", message, undefined, { cause: error });
  }
}
