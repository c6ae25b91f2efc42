import { readCbor } from "#transport/lwm2m/core/cbor/cbor-reader.ts";
import { CborMap, type CborValue, CodecError, isCborList } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { cborMapOf, writeCbor } from "#transport/lwm2m/core/cbor/cbor-writer.ts";
import { pathText } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext, ResourceNode, ResourceType, ResourceValue } from "#transport/lwm2m/core/resource-node.ts";
import { resolveSenml, type SenmlRecord } from "./senml.ts";

/** Labels (RFC 8428, table 4). */
const Label = {
  baseName: -2,
  baseTime: -3,
  baseValue: -5,
  name: 0,
  value: 2,
  text: 3,
  flag: 4,
  time: 6,
  data: 8,
} as const;

/** Decodes SenML CBOR (content formats 112 and 322). Throws CodecError. */
export function decodeSenmlCbor(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const value = readCbor(bytes);
  if (!isCborList(value)) throw new CodecError("SenML is a list of records");
  return resolveSenml(value.map(recordOf), context);
}

function recordOf(record: CborValue): SenmlRecord {
  if (!(record instanceof CborMap)) throw new CodecError("a record that is no map");
  for (const [key] of record.entries) {
    if (typeof key === "string" && key.endsWith("_")) throw new CodecError(`unknown label ${key.slice(0, 20)}`);
  }
  return {
    baseName: textAt(record, Label.baseName),
    baseTime: numberAt(record, Label.baseTime),
    baseValue: numberAt(record, Label.baseValue),
    name: textAt(record, Label.name),
    time: numberAt(record, Label.time),
    value: valueAt(record),
  };
}

function textAt(record: CborMap, label: number | string): string | undefined {
  const value = record.get(label);
  if (value === undefined || typeof value === "string") return value;
  throw new CodecError(`label ${label} is no text`);
}

function numberAt(record: CborMap, label: number): number | undefined {
  const value = record.get(label);
  if (value === undefined || typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw new CodecError(`label ${label} is no number`);
}

function valueAt(record: CborMap): ResourceValue | undefined {
  const data = record.get(Label.data);
  if (data instanceof Uint8Array) return data;
  const flag = record.get(Label.flag);
  if (typeof flag === "boolean") return flag;
  const number = record.get(Label.value);
  if (typeof number === "number" || typeof number === "bigint") return number;
  if (data !== undefined || flag !== undefined || number !== undefined)
    throw new CodecError("a value of the wrong type");
  return textAt(record, Label.text) ?? textAt(record, "vlo");
}

/** Encodes values as SenML CBOR, each with its full path. */
export function encodeSenmlCbor(nodes: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  return writeCbor(
    nodes.map(({ path, value }) => {
      const [label, content] = fieldOf(value, typeOf(path));
      return cborMapOf([
        [Label.name, pathText(path)],
        [label, content],
      ]);
    }),
  );
}

function fieldOf(value: ResourceValue, type: ResourceType | undefined): readonly [number | string, CborValue] {
  if (value instanceof Uint8Array) return [Label.data, value];
  if (typeof value === "boolean") return [Label.flag, value];
  if (typeof value === "string") return type === "objlnk" ? ["vlo", value] : [Label.text, value];
  return [Label.value, type === "time" ? Number(value) / 1_000 : value];
}
