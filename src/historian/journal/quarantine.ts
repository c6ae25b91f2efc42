import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";

/**
 * Keeps what cannot be stored for a person to look at: damaged pieces of the journal as they are, refused samples as one
 * JSON object per line.
 */
export class Quarantine {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps bytes under a name of their own; a piece that is there already is not written again. */
  async keepBytes(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(name, "w", bytes);
  }

  /** Adds objects to the file `name`. */
  async keepObjects(name: string, objects: readonly object[]): Promise<void> {
    await this.#write(name, "a", objects.map((object) => `${JSON.stringify(object)}\n`).join(""));
  }

  async #write(name: string, flags: "a" | "w", content: Uint8Array | string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await using file = await open(join(this.#folder, name), flags, 0o600);
    await file.writeFile(content);
    await file.datasync();
  }
}
