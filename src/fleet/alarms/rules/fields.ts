import { HostError } from "#model/errors.ts";

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}

/** The members of an object that came from outside, read one by one; what is wrong is told with its place. */
export class Fields {
  readonly all: Readonly<Record<string, unknown>>;
  readonly #place: string;

  private constructor(all: Readonly<Record<string, unknown>>, place: string) {
    this.all = all;
    this.#place = place;
  }

  /** Throws `argument-invalid` when it is no object. */
  static of(value: unknown, place: string): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new HostError("argument-invalid", `${place}: ${shown(value)} is not an object`);
    }
    return new Fields(Object.fromEntries<unknown>(Object.entries(value)), place);
  }

  has(name: string): boolean {
    return this.all[name] !== undefined && this.all[name] !== null;
  }

  text(name: string, maxLength: number): string {
    const text = this.optionalText(name, maxLength);
    if (text === undefined) throw this.problem(name, "a text");
    return text;
  }

  /** Undefined for nothing and for an empty text. */
  optionalText(name: string, maxLength: number): string | undefined {
    const value = this.all[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string" || value.length > maxLength)
      throw this.problem(name, `a text of up to ${maxLength} characters`);
    return value;
  }

  /** A number, also one that is written as a text. */
  number(name: string, { least, most, fallback }: Bounds): number {
    const value = this.all[name];
    if (value === undefined || value === null) return fallback;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !(number >= least && number <= most)) {
      throw this.problem(name, `a number from ${least} to ${most}`);
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.all[name];
    if (value === undefined || value === null) return fallback;
    if (typeof value !== "boolean") throw this.problem(name, "true or false");
    return value;
  }

  oneOf<T extends string>(name: string, words: readonly T[], fallback?: T): T {
    const value = this.all[name];
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.problem(name, `one of ${words.join(", ")}`);
    return word;
  }

  list(name: string): readonly unknown[] {
    const value = this.all[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.problem(name, "a list");
    return value;
  }

  optionalFields(name: string): Fields | undefined {
    return this.has(name) ? Fields.of(this.all[name], `${this.#place}.${name}`) : undefined;
  }

  problem(name: string, expected: string): HostError {
    return new HostError("argument-invalid", `${this.#place}.${name}: ${shown(this.all[name])}: expected ${expected}`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}
