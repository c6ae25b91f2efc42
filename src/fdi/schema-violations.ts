import type { JsonSchema } from "./json-schema.ts";

/**
 * Where a document breaks a schema that `telemetrySchema` made, one sentence each; empty when it keeps it. Knows the
 * keywords that `telemetrySchema` writes: type, properties, enum, minimum, maximum.
 */
export function schemaViolations(schema: JsonSchema, document: unknown, path = "document"): readonly string[] {
  const { enum: allowed, type, minimum, maximum, properties } = schema;
  if (isList(allowed) && !allowed.some((value) => value === document)) {
    return [`${path}: ${shown(document)} is none of ${allowed.join(", ")}`];
  }
  if (!isOfType(type, document)) {
    const wanted = typeof type === "string" ? type : isList(type) ? type.join(" or ") : "value";
    return [`${path}: ${shown(document)} is no ${wanted}`];
  }
  if (typeof document === "number") {
    if (typeof minimum === "number" && document < minimum) return [`${path}: ${document} is below ${minimum}`];
    if (typeof maximum === "number" && document > maximum) return [`${path}: ${document} is above ${maximum}`];
  }
  if (!isSchema(properties) || typeof document !== "object" || document === null) return [];
  const members = new Map<string, unknown>(Object.entries(document));
  return Object.entries(properties).flatMap(([name, inner]) =>
    members.has(name) && isSchema(inner) ? schemaViolations(inner, members.get(name), `${path}.${name}`) : [],
  );
}

function isOfType(type: JsonSchema[string] | undefined, value: unknown): boolean {
  if (type === undefined) return true;
  if (isList(type)) return type.some((one) => isOfType(one, value));
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function isList(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value);
}

function isSchema(value: JsonSchema[string] | undefined): value is JsonSchema {
  return typeof value === "object" && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
