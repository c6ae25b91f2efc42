import { createHmac, type KeyObject } from "node:crypto";
import type { AuditEntry } from "#model/audit-entry.ts";

/** What the first entry of all follows. */
export const genesisMac = "0".repeat(64);

/** Action of the entry by which the host records, as it starts, that the audit was tampered with before. */
export const breakAction = "audit broken";

/** A line of the audit as it stands in the file. */
export interface AuditLine {
  readonly seq: number;
  /** Everything before the mac, byte for byte. */
  readonly body: string;
  readonly mac: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

const macPattern = /^(\{.*),"mac":"([0-9a-f]{64})"\}$/s;

/**
 * One entry as a line of JSON. Its mac covers the mac of the line before, so that no line can be changed, left out or moved
 * without the key.
 */
export function formatLine(
  key: KeyObject,
  previousMac: string,
  seq: number,
  entry: AuditEntry,
): { readonly text: string; readonly mac: string } {
  const fields = { seq, ...entry, at: new Date(entry.at).toISOString() };
  const body = JSON.stringify(fields, (_name, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  ).slice(0, -1);
  const mac = macOf(key, previousMac, body);
  return { text: `${body},"mac":"${mac}"}\n`, mac };
}

/** Reads a line without its line feed; undefined when it is none of ours. */
export function parseLine(text: string): AuditLine | undefined {
  const [, body, mac] = macPattern.exec(text) ?? [];
  if (body === undefined || mac === undefined) return undefined;
  const fields = objectOf(text);
  const seq = fields?.get("seq");
  if (fields === undefined || typeof seq !== "number" || !Number.isSafeInteger(seq)) return undefined;
  return { seq, body, mac, fields };
}

export function macOf(key: KeyObject, previousMac: string, body: string): string {
  return createHmac("sha256", key).update(previousMac).update(body, "utf8").digest("hex");
}

function objectOf(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
