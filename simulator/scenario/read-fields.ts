import { durationMs, signedDurationMs } from "#simulator/fleet/duration.ts";
import type { Between } from "./scenario.ts";
import type { Located, LocatedMap, YamlReader } from "./yaml-reader.ts";

/** Typed access to the members of one mapping; every misfit becomes a problem with its line and the default is used. */
export class Fields {
  readonly #reader: YamlReader;
  readonly #members: LocatedMap;
  readonly #what: string;

  constructor(reader: YamlReader, members: LocatedMap, what: string) {
    this.#reader = reader;
    this.#members = members;
    this.#what = what;
  }

  get(name: string): Located | undefined {
    return this.#members.get(name);
  }

  number(name: string, low: number, high: number): number | undefined {
    return this.#read(name, `a number from ${low} to ${high}`, (value) =>
      typeof value === "number" && value >= low && value <= high ? value : undefined,
    );
  }

  text(name: string): string | undefined {
    return this.#read(name, "a text", (value) =>
      typeof value === "string" || typeof value === "number" ? String(value) : undefined,
    );
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  word<T extends string>(name: string, words: readonly T[]): T | undefined {
    return this.#read(name, `one of ${words.join(", ")}`, (value) => words.find((word) => word === value));
  }

  durationMs(name: string): number | undefined {
    return this.#read(name, 'a duration such as 30 or "2 min"', durationMs);
  }

  /** A pair [low, high] of numbers. */
  between(name: string): Between | undefined {
    return this.#pair(name, "a pair of numbers [low, high]", (value) =>
      typeof value === "number" ? value : undefined,
    );
  }

  betweenMs(name: string): Between | undefined {
    return this.#pair(name, "a pair of durations [from, to]", durationMs);
  }

  /** `now`, an instant, or a duration back from now such as "-365 d"; epoch ms. */
  instant(name: string, nowMs: number): number | undefined {
    return this.#read(name, 'now, a date and time, or "-365 d"', (value) => {
      if (value === "now") return nowMs;
      const offset = signedDurationMs(value);
      if (offset !== undefined && offset <= 0) return nowMs + offset;
      const epochMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
      return Number.isNaN(epochMs) ? undefined : epochMs;
    });
  }

  #pair(name: string, expected: string, read: (value: unknown) => number | undefined): Between | undefined {
    return this.#read(name, expected, (_value, located) => {
      const plain = this.#reader.plain(located);
      if (!isPair(plain)) return undefined;
      const [low, high] = [read(plain[0]), read(plain[1])];
      return low !== undefined && high !== undefined && low <= high ? [low, high] : undefined;
    });
  }

  #read<T>(name: string, expected: string, read: (value: unknown, located: Located) => T | undefined): T | undefined {
    const located = this.#members.get(name);
    if (located === undefined) return undefined;
    const result = read(located.value, located);
    if (result === undefined) {
      const shown = JSON.stringify(this.#reader.plain(located));
      this.#reader.problem(located.line, `${this.#what}${name}: ${shown} is not ${expected}`);
    }
    return result;
  }
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}
