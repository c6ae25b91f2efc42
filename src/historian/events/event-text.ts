import { type EventRecord, eventKinds } from "#fleet/alarms/ports.ts";
import { isDeviceId } from "#model/ids.ts";

/**
 * An event as JSON that PostgreSQL's jsonb takes and readEvent reads back: numbers that JSON lacks and big integers as
 * objects with one `$` key, texts without NUL and lone surrogates, conditions as text only.
 */
export function writeEvent(event: EventRecord): string {
  return JSON.stringify(event, (key, value: unknown) => {
    // A compiled condition is code; its text stands beside it.
    if (key === "expression") return undefined;
    if (typeof value === "bigint") return { $integer: String(value) };
    if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
    return typeof value === "string" ? storableText(value) : value;
  });
}

/** Reads what writeEvent wrote; undefined when it is no event. */
export function readEvent(text: string): EventRecord | undefined {
  const value: unknown = JSON.parse(text, (_key, part: unknown) => revived(part));
  return isEventRecord(value) ? value : undefined;
}

/** The text as every engine can hold it. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function revived(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  if ("$integer" in part && typeof part.$integer === "string") return BigInt(part.$integer);
  return "$number" in part ? Number(part.$number) : part;
}

const kinds: ReadonlySet<unknown> = new Set(eventKinds);

function isEventRecord(value: unknown): value is EventRecord {
  if (!isObject(value)) return false;
  const { eventId, kind, at, receivedAt, device, name, severity, message, user, alarm, fields } = value;
  return (
    typeof eventId === "string" &&
    kinds.has(kind) &&
    [at, receivedAt, severity].every((number) => typeof number === "number") &&
    [name, message].every((text) => typeof text === "string") &&
    (device === undefined || (typeof device === "string" && isDeviceId(device))) &&
    (user === undefined || typeof user === "string") &&
    (alarm === undefined || (isObject(alarm) && isObject(alarm["spec"]) && isObject(alarm["state"]))) &&
    isObject(fields)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
