import type { KeyObject } from "node:crypto";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { type AuditHead, type FoundHead, readHead } from "./audit-head.ts";
import { genesisMac, macOf } from "./audit-line.ts";
import { linesOf, listSegments } from "./audit-segments.ts";
import { OpenIntents, type UnresolvedIntent } from "./open-intents.ts";

/** Where an audit goes on. */
export interface RecoveredAudit {
  /** The segment that was written last; undefined for a new audit. */
  readonly segment: string | undefined;
  readonly last: AuditHead;
  /** What is wrong with what was written before; undefined when nothing is. */
  readonly damage: string | undefined;
  /** Commands since the last start that have no outcome. */
  readonly unresolved: readonly UnresolvedIntent[];
}

/**
 * Finds the end of an audit. An entry that the writer never finished (it was never promised to anybody) is cut off; any
 * other fault is reported and left as it is.
 */
export async function recoverAudit(folder: string, key: KeyObject): Promise<RecoveredAudit> {
  const segments = await listSegments(folder);
  const segment = segments.at(-1);
  const head = await readHead(folder, key);
  if (segment === undefined) {
    const damage = head === "missing" ? undefined : "all entries are missing";
    return { segment, last: { seq: 0, mac: genesisMac }, damage, unresolved: [] };
  }
  const end = await readEnd(folder, segment, key);
  const last = end.last ?? (await lastOf(folder, segments.slice(0, -1)));
  const damage = end.damage ?? headDamageOf(head, last);
  return { segment, last, damage, unresolved: await unresolvedIn(folder, segments) };
}

interface SegmentEnd {
  readonly last: AuditHead | undefined;
  readonly damage: string | undefined;
}

async function readEnd(folder: string, segment: string, key: KeyObject): Promise<SegmentEnd> {
  let last: AuditHead | undefined;
  let damage: string | undefined;
  let goodBytes = 0;
  for await (const { line, number, isWhole } of linesOf(folder, segment)) {
    if (!isWhole) {
      await truncate(join(folder, segment), goodBytes);
      break;
    }
    if (line === undefined) {
      return { last, damage: `line ${number} of ${segment} is no entry` };
    }
    const isNext = last === undefined || (line.seq === last.seq + 1 && line.mac === macOf(key, last.mac, line.body));
    if (!isNext) damage ??= `line ${number} of ${segment} does not follow the line before it`;
    last = { seq: line.seq, mac: line.mac };
    goodBytes += Buffer.byteLength(line.body, "utf8") + `,"mac":"${line.mac}"}\n`.length;
  }
  return { last, damage };
}

/** The last entry of older segments, for a segment that has none. */
async function lastOf(folder: string, segments: readonly string[]): Promise<AuditHead> {
  for (const segment of segments.toReversed()) {
    let last: AuditHead | undefined;
    for await (const { line } of linesOf(folder, segment)) if (line !== undefined) last = line;
    if (last !== undefined) return { seq: last.seq, mac: last.mac };
  }
  return { seq: 0, mac: genesisMac };
}

function headDamageOf(head: FoundHead, last: AuditHead): string | undefined {
  if (head === "missing") return "the head is missing";
  if (head === "damaged") return "the head is damaged";
  if (head.seq > last.seq) return `entries ${last.seq + 1} to ${head.seq} are missing at the end`;
  return head.seq === last.seq && head.mac !== last.mac
    ? `entry ${last.seq} is not the one that was written`
    : undefined;
}

/** Every start leaves no intent open, so that only what came after the last one counts. */
async function unresolvedIn(folder: string, segments: readonly string[]): Promise<readonly UnresolvedIntent[]> {
  let from = segments.length - 1;
  while (from > 0 && !(await hasStart(folder, segments[from] ?? ""))) from -= 1;
  let intents = new OpenIntents();
  for (const segment of segments.slice(from)) {
    for await (const { line } of linesOf(folder, segment)) {
      if (line === undefined) continue;
      if (line.fields.get("kind") === "start") intents = new OpenIntents();
      else intents.note(line.fields);
    }
  }
  return intents.all();
}

async function hasStart(folder: string, segment: string): Promise<boolean> {
  for await (const { line } of linesOf(folder, segment)) if (line?.fields.get("kind") === "start") return true;
  return false;
}
