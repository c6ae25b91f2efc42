import { mkdir } from "node:fs/promises";
import { FolderInUse, type FolderLock, lockFolder } from "#lib/folder-lock.ts";
import { HostError } from "#model/errors.ts";

/** Makes the data folder (readable by its owner only) and takes it for this process; throws `data-folder-in-use`. */
export async function takeDataFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw new HostError("data-folder-in-use", error.message, { cause: error });
    throw error;
  }
}
