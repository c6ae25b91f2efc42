import { readFile } from "node:fs/promises";
import { HostError, messageOf } from "#model/errors.ts";

export interface JsonListOptions<T> {
  /** The record in an entry; throws when there is none. */
  readonly recordOf: (entry: unknown) => T;
  /** What whoever finds the file damaged can do, e.g. `repair it, or remove it: ...`. */
  readonly advice: string;
}

/** The records of a file that holds a JSON list; none when it is not there. Throws `config-invalid`. */
export async function readJsonList<T>(path: string, { recordOf, advice }: JsonListOptions<T>): Promise<T[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!Array.isArray(value)) throw new Error("expected a list");
    return value.map((entry: unknown) => recordOf(entry));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new HostError("config-invalid", `${path} is damaged (${messageOf(error)}); ${advice}`, { cause: error });
  }
}
