import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type AuditLine, parseLine } from "./audit-line.ts";

const namePattern = /^audit-\d{4}-\d\d-\d\d\.jsonl$/;

/** The segment of a day (UTC), e.g. `audit-2026-03-09.jsonl`. */
export function segmentName(time: number): string {
  return `audit-${new Date(time).toISOString().slice(0, 10)}.jsonl`;
}

/** Names of all segments, oldest first; empty when the folder does not exist. */
export async function listSegments(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => namePattern.test(name)).sort();
}

/** One line of a segment as found. */
export interface FoundLine {
  readonly segment: string;
  /** From 1. */
  readonly number: number;
  /** Undefined when it is no line of an audit. */
  readonly line: AuditLine | undefined;
  /** False when the line feed is missing: the writer never finished it. */
  readonly isWhole: boolean;
}

/** The lines of one segment, in order. */
export async function* linesOf(folder: string, segment: string): AsyncGenerator<FoundLine> {
  let rest = "";
  let number = 0;
  for await (const chunk of createReadStream(join(folder, segment), { encoding: "utf8" })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      number += 1;
      yield { segment, number, line: parseLine(text), isWhole: true };
    }
  }
  if (rest !== "") yield { segment, number: number + 1, line: parseLine(rest), isWhole: false };
}
