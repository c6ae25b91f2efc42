/** The members of a JSON object; undefined for anything else. */
export function jsonFields(payload: Uint8Array): ReadonlyMap<string, unknown> | undefined {
  try {
    return fieldsOf(JSON.parse(Buffer.from(payload).toString("utf8")));
  } catch {
    return undefined;
  }
}

/** The members of an object that came out of a parser; undefined for anything else. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return new Map<string, unknown>(Object.entries(value));
}

export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
