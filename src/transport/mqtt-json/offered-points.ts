import type { OfferedPoint } from "#fleet/ports.ts";
import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import type { DataType } from "#model/data-type.ts";
import { bareParts, measurementsPrefix } from "./binding-tree.ts";
import { envelope } from "./measurement-reader.ts";
import type { UnmappedField } from "./unmapped-fields.ts";

const maxOffers = 500;

/** What a device offers: everything that is a value below `object`, at most 500, with the unit that stands beside it. */
export function offeredPoints(object: JsonObject): OfferedPoint[] {
  const offers: OfferedPoint[] = [];
  const visit = (inner: JsonObject, prefix: string, around: string | undefined): void => {
    const unit = typeof inner["unit"] === "string" ? inner["unit"].slice(0, 40) : around;
    for (const key of Object.keys(inner)) {
      if (envelope.has(key) || offers.length >= maxOffers) continue;
      const value = inner[key];
      if (isJsonObject(value)) visit(value, `${prefix}${key}.`, unit);
      else {
        const dataType = dataTypeOf(value);
        if (dataType !== undefined) offers.push(offered(`${prefix}${key}`, dataType, unit));
      }
    }
  };
  visit(object, "", undefined);
  return offers;
}

/** What a device sent beyond its package, as an offer. */
export function offeredFields(fields: Iterable<[string, UnmappedField]>): OfferedPoint[] {
  return [...fields].flatMap(([path, { value }]) => {
    const dataType = dataTypeOf(value);
    return dataType === undefined ? [] : [offered(path, dataType, undefined)];
  });
}

/** Every way in which packages write the addresses of the points. */
export function addressesOf(offers: readonly OfferedPoint[]): string[] {
  return offers.flatMap(({ address, aliases = [] }) => [address, ...aliases]);
}

function offered(address: string, dataType: DataType, unit: string | undefined): OfferedPoint {
  return { address, aliases: aliasesOf(address), dataType, ...(dataType === "double" ? { unit } : {}) };
}

/** Packages may name the object around the measurements; a bare value stands for the first part of what they bind. */
function aliasesOf(path: string): string[] {
  const plain = [path, ...bareParts.map((part) => `${path}.${part}`)];
  if (path.endsWith(".value")) plain.push(path.slice(0, -".value".length));
  return [...plain.slice(1), ...plain.map((alias) => `${measurementsPrefix}${alias}`)];
}

function dataTypeOf(value: unknown): DataType | undefined {
  switch (typeof value) {
    case "number":
      return "double";
    case "boolean":
      return "boolean";
    case "string":
      return "string";
    default:
      return undefined;
  }
}
