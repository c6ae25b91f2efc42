import { isUtf8 } from "node:buffer";

/** Bounds of a JSON message from outside. */
export interface JsonLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Members of all objects together. */
  readonly maxMembers: number;
}

export const defaultJsonLimits: JsonLimits = { maxBytes: 256 * 1024, maxDepth: 12, maxMembers: 10_000 };

export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: "malformed" | "oversized"; readonly detail: string };

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON that nobody vouches for: UTF-8 of bounded size and depth, without doubled keys (whichever is kept, the other
 * is silently lost) and without the key `__proto__`. NaN and Infinity are no JSON and refused with the rest.
 */
export function readJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): JsonReading {
  if (bytes.length > limits.maxBytes) return oversized(`${bytes.length} bytes: expected at most ${limits.maxBytes}`);
  if (!isUtf8(bytes)) return malformed("not UTF-8");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const members = countMembers(text, limits.maxDepth);
  if (members === tooDeep) return oversized(`nested deeper than ${limits.maxDepth}`);
  if (members > limits.maxMembers) return oversized(`${members} members: expected at most ${limits.maxMembers}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return malformed(`not JSON: ${error instanceof Error ? error.message.slice(0, 120) : ""}`);
  }
  const kept = keptMembers(value);
  if (kept === forbidden) return malformed("the key __proto__");
  return kept === members ? { ok: true, value } : malformed("a key occurs twice in an object");
}

const tooDeep = -1;
const forbidden = Number.NEGATIVE_INFINITY;

/** Members as written: outside of texts each has exactly one colon. */
function countMembers(text: string, maxDepth: number): number {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfText(text, i + 1);
        break;
      case 0x3a:
        members += 1;
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        if (depth > maxDepth) return tooDeep;
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      default:
    }
  }
  return members;
}

function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Members that survived parsing. */
function keptMembers(value: unknown): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") members += keptMembers(item);
    return members;
  }
  if (!isJsonObject(value)) return 0;
  // Whatever was parsed has no enumerable members but its own; asking for their list would cost more than the rest.
  // oxlint-disable-next-line guard-for-in
  for (const key in value) {
    if (key === "__proto__") return forbidden;
    const member = value[key];
    members += 1;
    if (typeof member === "object") members += keptMembers(member);
  }
  return members;
}

function malformed(detail: string): JsonReading {
  return { ok: false, reason: "malformed", detail };
}

function oversized(detail: string): JsonReading {
  return { ok: false, reason: "oversized", detail };
}
