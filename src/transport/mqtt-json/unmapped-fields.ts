import type { EpochMs } from "#model/ids.ts";

export interface UnmappedField {
  readonly value: number | string | boolean;
  readonly at: EpochMs;
}

const maxFields = 64;
const maxTextLength = 256;

/** The last values of fields that a device sends and its package does not bind; the first 64 of them. */
export class UnmappedFields {
  readonly #fields = new Map<string, UnmappedField>();

  /** Keeps a value; texts are cut, what is neither number, text nor boolean is not kept. */
  keep(path: string, value: unknown, at: EpochMs): void {
    if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean") return;
    if (this.#fields.size >= maxFields && !this.#fields.has(path)) return;
    this.#fields.set(path, { value: typeof value === "string" ? value.slice(0, maxTextLength) : value, at });
  }

  /** How many fields are known. */
  get size(): number {
    return this.#fields.size;
  }

  entries(): IterableIterator<[string, UnmappedField]> {
    return this.#fields.entries();
  }
}
