import { constants } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What is not copied from the data folder: history has a form of its own, locks and half-written files are nobody's. */
const leftOut = /^(?:history|host\.lock.*|.*\.tmp|.*\.sock)$/;

/** Copies the files of the data folder, without the history, into `folder`; gives their number. */
export async function copyHostFiles(dataFolder: string, folder: string): Promise<number> {
  let count = 0;
  for (const path of await filesBelow(dataFolder)) {
    if (await copied(join(dataFolder, path), join(folder, path), 0)) count += 1;
  }
  return count;
}

/** Copies them back; a file that is there stays as it is. Gives the number of files that were missing. */
export async function restoreHostFiles(folder: string, dataFolder: string): Promise<number> {
  let count = 0;
  for (const path of await filesBelow(folder)) {
    if (await copied(join(folder, path), join(dataFolder, path), constants.COPYFILE_EXCL)) count += 1;
  }
  return count;
}

async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(prefix, entry.name);
    if (prefix === "" && leftOut.test(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else if (entry.isFile() && !leftOut.test(entry.name)) found.push(path);
  }
  return found;
}

async function copied(from: string, to: string, mode: number): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    await copyFile(from, to, mode);
    return true;
  } catch (error) {
    // Gone since it was listed, or there already.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EEXIST")) return false;
    throw error;
  }
}
