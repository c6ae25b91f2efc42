import { numberOf } from "#fdi/xml/element-reader.ts";
import type { PackageRole } from "#model/command-spec.ts";
import type { DataType } from "#model/data-type.ts";
import type { Permission } from "#model/package-details.ts";
import type { Range } from "#model/parameter-spec.ts";
import { type Unit, units } from "#model/unit.ts";

const dataTypesByWord: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ["string", "string"],
  ["integer", "int32"],
  ["int16", "int16"],
  ["int32", "int32"],
  ["float", "float"],
  ["double", "double"],
  ["boolean", "boolean"],
  ["time", "date-time"],
  ["datetime", "date-time"],
]);

/** The data type behind a type word of the old dialects; undefined for words such as `Object` and `Objlnk`. */
export function dataTypeOfWord(word: string): DataType | undefined {
  return dataTypesByWord.get(word.toLowerCase());
}

const unitCodesByText: ReadonlyMap<string, string> = new Map([
  ["A", "AMP"],
  ["kA", "B22"],
  ["V", "VLT"],
  ["W", "WTT"],
  ["kW", "KWT"],
  ["VAR", "D44"],
  ["kVAR", "KVR"],
  ["VA", "D46"],
  ["kVA", "KVA"],
  ["kWh", "KWH"],
  ["Hz", "HTZ"],
  ["°C", "CEL"],
  ["%", "P1"],
  ["ms", "C26"],
  ["s", "SEC"],
  ["seconds", "SEC"],
  ["minutes", "MIN"],
  ["hours", "HUR"],
  ["h", "HUR"],
  ["days", "DAY"],
  ["KB", "2P"],
  ["dBm", "DBM"],
  ["events", "C62"],
]);

/** The unit behind a free text of the old dialects. */
export function unitOfText(text: string): Unit | undefined {
  return units.get(unitCodesByText.get(text) ?? "");
}

export const unitTexts: readonly string[] = [...unitCodesByText.keys()];

/** `low-high`; a leading minus belongs to the number: `-40-85` is -40 to 85. */
export function rangeOfText(text: string): Range | undefined {
  const match = /^\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*-\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*$/.exec(text);
  const low = numberOf(match?.[1] ?? "");
  const high = numberOf(match?.[2] ?? "");
  return low === undefined || high === undefined || low >= high ? undefined : { low, high };
}

const severities: ReadonlyMap<string, number> = new Map([
  ["critical", 1000],
  ["high", 800],
  ["medium", 500],
  ["low", 200],
]);

/** OPC UA severity of the words Critical, High, Medium, Low. */
export function severityOfWord(word: string): number | undefined {
  return severities.get(word.toLowerCase());
}

const secondsMs: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["seconds", 1000],
  ["", 1000],
  ["minutes", 60_000],
  ["hours", 3_600_000],
]);

/** A duration in milliseconds; without a unit it is in seconds. */
export function durationOf(value: number, unit: string): number | undefined {
  const factor = secondsMs.get(unit);
  return factor === undefined ? undefined : Math.round(value * factor);
}

const permissionsByWord: ReadonlyMap<string, readonly Permission[]> = new Map<string, readonly Permission[]>([
  ["full", ["read", "write", "control", "administer"]],
  ["read", ["read"]],
  ["write", ["write"]],
  ["control", ["control"]],
]);

/** Permissions of a list such as `Read,Write,Control`; undefined when a word is unknown. */
export function permissionsOfText(text: string): readonly Permission[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const found = words.map((word) => permissionsByWord.get(word.toLowerCase()));
  if (found.includes(undefined)) return undefined;
  return [...new Set(found.flatMap((list) => list ?? []))];
}

const rolesByWord: ReadonlyMap<string, PackageRole> = new Map<string, PackageRole>([
  ["administrator", "administrator"],
  ["operator", "operator"],
  ["maintenance", "maintenance"],
  ["viewer", "viewer"],
]);

export function roleOfWord(word: string): PackageRole | undefined {
  return rolesByWord.get(word.toLowerCase());
}

/** A text as part of a package id: lower case with dashes. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 48)
    .replace(/-+$/, "");
}

/** A version text as three numbers: `1.2` becomes `1.2.0`. Undefined when it does not start with a number. */
export function revisionOfText(text: string): string | undefined {
  const match = /^\D{0,2}(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?/.exec(text);
  return match === null ? undefined : `${Number(match[1])}.${Number(match[2] ?? 0)}.${Number(match[3] ?? 0)}`;
}

/** A name as an identifier of dialect v2: other characters become `_`. */
export function identifierOf(name: string): string {
  const cleaned = name
    .trim()
    .replaceAll(/[^A-Za-z0-9_]+/g, "_")
    .slice(0, 64);
  return /^[A-Za-z]/.test(cleaned) ? cleaned : `x${cleaned}`.slice(0, 64);
}
