import { durationMs } from "./duration.ts";
import { fieldsOf } from "./json-fields.ts";

/** What is wrong with an action; `key` names the member. */
export class ActionProblem extends Error {
  override readonly name = "ActionProblem";
  readonly key: string;

  constructor(key: string, message: string) {
    super(`${key}: ${message}`);
    this.key = key;
  }
}

/** Members of an action as they were written, with typed access; every method throws ActionProblem on a misfit. */
export class Members {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #prefix: string;

  constructor(fields: ReadonlyMap<string, unknown>, prefix = "") {
    this.#fields = fields;
    this.#prefix = prefix;
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  get(key: string): unknown {
    return this.#fields.get(key);
  }

  /** Refuses members that the action does not know. */
  allow(...keys: string[]): this {
    const unknown = [...this.#fields.keys()].find((key) => !keys.includes(key));
    if (unknown !== undefined) throw this.problem(unknown, `is unknown here (expected ${keys.join(", ")})`);
    return this;
  }

  number(key: string, low: number, high: number): number {
    const value = this.#fields.get(key);
    if (typeof value === "number" && value >= low && value <= high) return value;
    throw this.problem(key, `${JSON.stringify(value)} is not a number from ${low} to ${high}`);
  }

  optional(key: string, low: number, high: number): number | undefined {
    return this.has(key) ? this.number(key, low, high) : undefined;
  }

  word<T extends string>(key: string, words: readonly T[]): T {
    const value = this.#fields.get(key);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.problem(key, `${JSON.stringify(value)} is unknown (expected ${words.join(", ")})`);
  }

  flag(key: string): boolean {
    const value = this.#fields.get(key);
    if (typeof value === "boolean") return value;
    throw this.problem(key, `${JSON.stringify(value)} is neither true nor false`);
  }

  text(key: string, standard: string): string {
    const value = this.#fields.get(key) ?? standard;
    if (typeof value === "string") return value;
    throw this.problem(key, `${JSON.stringify(value)} is not a text`);
  }

  /** Milliseconds; undefined when left out. */
  duration(key: string): number | undefined {
    if (!this.has(key)) return undefined;
    const ms = durationMs(this.#fields.get(key));
    if (ms !== undefined && ms > 0) return ms;
    throw this.problem(key, `${JSON.stringify(this.#fields.get(key))} is no duration above 0, such as 30 or "2 min"`);
  }

  inner(key: string): Members {
    const fields = fieldsOf(this.#fields.get(key));
    if (fields === undefined) throw this.problem(key, "expected members");
    return new Members(fields, `${key}.`);
  }

  entries(): IterableIterator<[string, unknown]> {
    return this.#fields.entries();
  }

  problem(key: string, message: string): ActionProblem {
    return new ActionProblem(`${this.#prefix}${key}`, message);
  }
}
