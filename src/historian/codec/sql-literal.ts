import { escapeLiteral } from "pg";
import type { EpochMs } from "#model/ids.ts";

/** Literals, for statements that cannot have parameters or are planned better without. */

/** An ISO time with microseconds, as timestamptz reads it. */
export function timeLiteral(time: EpochMs): string {
  const micros = Math.round((time - Math.floor(time)) * 1000);
  const wholeMs = Math.floor(time) + Math.floor(micros / 1000);
  const text = new Date(wholeMs).toISOString().slice(0, -1);
  return `'${text}${String(micros % 1000).padStart(3, "0")}Z'`;
}

/** `ARRAY[...]::type[]` of literals. */
export function arrayLiteral(literals: readonly string[], type: string): string {
  return `ARRAY[${literals.join(",")}]::${type}[]`;
}

export function textLiteral(text: string): string {
  return escapeLiteral(text);
}
