import { defaultJsonLimits, readJson } from "#lib/read-json.ts";
import { CodecError } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { pathText } from "#transport/lwm2m/core/path.ts";
import {
  type DecodeContext,
  maxNodes,
  type ResourceNode,
  type ResourceType,
  type ResourceValue,
} from "#transport/lwm2m/core/resource-node.ts";
import { resolveSenml, type SenmlRecord } from "./senml.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Decodes SenML JSON (content formats 110 and 320). Throws CodecError. */
export function decodeSenmlJson(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const value = parsed(bytes);
  if (!Array.isArray(value)) throw new CodecError("SenML is a list of records");
  return resolveSenml(value.map(recordOf), context);
}

/** JSON from outside, without doubled keys. Throws CodecError. */
export function parsed(bytes: Uint8Array): unknown {
  const reading = readJson(bytes, { ...defaultJsonLimits, maxMembers: 8 * maxNodes });
  if (!reading.ok) throw new CodecError(reading.detail);
  return reading.value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function numberIn(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  if (typeof value === "number") return value;
  throw new CodecError(`${key} is no number`);
}

export function textIn(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  throw new CodecError(`${key} is no text`);
}

function recordOf(record: unknown): SenmlRecord {
  if (!isFields(record)) throw new CodecError("a record that is no object");
  // A label with a final underscore must be understood (RFC 8428, 4.4); we know none.
  const strange = Object.keys(record).find((key) => key.endsWith("_"));
  if (strange !== undefined) throw new CodecError(`unknown label ${strange.slice(0, 20)}`);
  return {
    baseName: textIn(record, "bn"),
    baseTime: numberIn(record, "bt"),
    baseValue: numberIn(record, "bv"),
    name: textIn(record, "n"),
    time: numberIn(record, "t"),
    value: valueIn(record),
  };
}

function valueIn(record: Fields): ResourceValue | undefined {
  const data = textIn(record, "vd");
  if (data !== undefined) return Buffer.from(data, "base64url");
  const flag = record["vb"];
  if (flag !== undefined) {
    if (typeof flag === "boolean") return flag;
    throw new CodecError("vb is no boolean");
  }
  return numberIn(record, "v") ?? textIn(record, "vs") ?? textIn(record, "vlo");
}

/** Encodes values as SenML JSON, each with its full path. */
export function encodeSenmlJson(nodes: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  const records = nodes.map(({ path, value }) => ({ n: pathText(path), ...fieldOf(value, typeOf(path)) }));
  return Buffer.from(JSON.stringify(records));
}

function fieldOf(value: ResourceValue, type: ResourceType | undefined): Fields {
  if (value instanceof Uint8Array) return { vd: Buffer.from(value).toString("base64url") };
  if (typeof value === "boolean") return { vb: value };
  if (typeof value === "string") return type === "objlnk" ? { vlo: value } : { vs: value };
  return { v: type === "time" ? Number(value) / 1_000 : Number(value) };
}
