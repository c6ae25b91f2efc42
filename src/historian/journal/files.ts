import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a file's creation, renaming or removal durable; some systems cannot sync a folder and need not. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows: a folder cannot be opened.
  }
}

/** Replaces a small file so that a crash leaves the old or the new content, nothing between. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.new`;
  {
    await using file = await open(unfinished, "w", 0o600);
    await file.writeFile(content);
    await file.sync();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
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
