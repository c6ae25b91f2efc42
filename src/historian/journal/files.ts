import { open, readFile } from "node:fs/promises";

/** Makes a file's creation, renaming or removal durable; some systems cannot sync a folder and need not. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows: a folder cannot be opened.
  }
}

/** The content of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
