import { isUtf8 } from "node:buffer";
import { readCbor } from "#transport/lwm2m/core/cbor/cbor-reader.ts";
import { CborMap, CodecError, isCborList } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { writeCbor } from "#transport/lwm2m/core/cbor/cbor-writer.ts";
import type { Path } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext, ResourceNode, ResourceType, ResourceValue } from "#transport/lwm2m/core/resource-node.ts";
import { typedValue } from "#transport/lwm2m/core/typed-value.ts";

/** Formats that carry one value and not its path. */
function resourceOf({ base }: DecodeContext): Path {
  if (base.resource === undefined) throw new CodecError("a single value for more than one resource");
  return base;
}

/** Decodes text/plain (content format 0). Throws CodecError. */
export function decodeText(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const path = resourceOf(context);
  if (!isUtf8(bytes)) throw new CodecError("text that is no UTF-8");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  return [{ path, value: valueOfText(text, context.typeOf(path)) }];
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function valueOfText(text: string, type: ResourceType | undefined): ResourceValue {
  switch (type) {
    case "integer":
    case "unsigned":
    case "float":
    case "time":
      return numberPattern.test(text.trim()) ? typedValue(Number(text), type) : text;
    case "boolean":
      return text === "1" || text === "0" ? text === "1" : text;
    case "opaque":
      return Buffer.from(text, "base64");
    default:
      return text;
  }
}

export function encodeText([node]: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  if (node === undefined) return new Uint8Array();
  const { value, path } = node;
  if (value instanceof Uint8Array) return Buffer.from(Buffer.from(value).toString("base64"));
  if (typeof value === "boolean") return Buffer.from(value ? "1" : "0");
  return Buffer.from(String(typeOf(path) === "time" ? Number(value) / 1_000 : value));
}

/** Decodes application/octet-stream (content format 42). */
export function decodeOpaque(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  return [{ path: resourceOf(context), value: bytes.slice() }];
}

/** Decodes application/cbor (content format 60): one data item. Throws CodecError. */
export function decodeCborValue(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const path = resourceOf(context);
  const value = readCbor(bytes);
  if (value === null || isCborList(value) || value instanceof CborMap)
    throw new CodecError("a value of the wrong type");
  return [{ path, value: typedValue(value, context.typeOf(path)) }];
}

export function encodeCborValue([node]: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  if (node === undefined) return new Uint8Array();
  const { value } = node;
  return writeCbor(typeOf(node.path) === "time" && typeof value === "number" ? value / 1_000 : value);
}
