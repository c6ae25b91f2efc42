import { isUtf8 } from "node:buffer";
import { CodecError } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { idsOf, pathOfIds } from "#transport/lwm2m/core/path.ts";
import {
  type DecodeContext,
  maxNodes,
  type ResourceNode,
  type ResourceType,
  type ResourceValue,
} from "#transport/lwm2m/core/resource-node.ts";
import { integerBytes, integerOf } from "#transport/lwm2m/core/typed-value.ts";

/** What an entry is (OMA Core 1.2, 7.4.3: bits 7 and 6 of its type). */
const Kind = { objectInstance: 0, resourceInstance: 1, multipleResource: 2, resource: 3 } as const;

interface Entry {
  readonly kind: number;
  readonly id: number;
  readonly value: Uint8Array;
}

/** Decodes OMA TLV (content format 11542). Throws CodecError. */
export function decodeTlv(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const nodes: ResourceNode[] = [];
  const ids = idsOf(context.base);
  // An object instance asked for by name may come without its own entry around the resources (7.4.3.1).
  visit(bytes, ids.slice(0, 2), { context, nodes });
  return nodes;
}

interface Visit {
  readonly context: DecodeContext;
  readonly nodes: ResourceNode[];
}

function visit(bytes: Uint8Array, parents: readonly number[], walk: Visit): void {
  for (const { kind, id, value } of entriesOf(bytes)) {
    if (kind === Kind.objectInstance) {
      if (parents.length === 0 || parents.length > 2) throw new CodecError(`object instance ${id} in the wrong place`);
      visit(value, [...parents.slice(0, 1), id], walk);
      continue;
    }
    const place = [...parents, id];
    const expected = kind === Kind.resourceInstance ? 4 : 3;
    if (place.length !== expected) throw new CodecError(`entry ${id} of kind ${kind} in the wrong place`);
    if (kind === Kind.multipleResource) visit(value, place, walk);
    else add(place, value, walk);
  }
}

function add(ids: readonly number[], value: Uint8Array, { context, nodes }: Visit): void {
  const path = pathOfIds(ids);
  if (path === undefined) throw new CodecError(`/${ids.join("/")} is no path`);
  if (nodes.length >= maxNodes) throw new CodecError(`more than ${maxNodes} values`);
  nodes.push({ path, value: readable(value, context.typeOf(path)) });
}

function* entriesOf(bytes: Uint8Array): Generator<Entry> {
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (count > bytes.length - at) throw new CodecError(`cut off: ${count} bytes wanted, ${bytes.length - at} left`);
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (size: number): number => take(size).reduce((sum, byte) => sum * 256 + byte, 0);
  while (at < bytes.length) {
    const type = number(1);
    const id = number((type & 0x20) === 0 ? 1 : 2);
    const lengthSize = (type >> 3) & 3;
    const length = lengthSize === 0 ? type & 7 : number(lengthSize);
    yield { kind: type >> 6, id, value: take(length) };
  }
}

/** Bytes that are none of the type stay bytes: one wrong value does not cost the others. */
function readable(bytes: Uint8Array, type: ResourceType | undefined): ResourceValue {
  try {
    return valueOf(bytes, type);
  } catch (error) {
    if (error instanceof CodecError) return bytes.slice();
    throw error;
  }
}

/** The value of bytes of a type; bytes of an unknown type stay bytes. Throws CodecError. */
export function valueOf(bytes: Uint8Array, type: ResourceType | undefined): ResourceValue {
  switch (type) {
    case "string":
    case "corelnk":
      if (!isUtf8(bytes)) throw new CodecError("text that is no UTF-8");
      return Buffer.from(bytes).toString("utf8");
    case "integer":
      return integerOf(bytes, false);
    case "unsigned":
      return integerOf(bytes, true);
    case "time":
      return Number(integerOf(bytes, false)) * 1_000;
    case "float":
      return floatOf(bytes);
    case "boolean":
      if (bytes.length === 1 && (bytes[0] === 0 || bytes[0] === 1)) return bytes[0] === 1;
      throw new CodecError("a boolean that is neither 0 nor 1");
    case "objlnk":
      if (bytes.length !== 4) throw new CodecError(`a link of ${bytes.length} bytes`);
      return `${integerOf(bytes.subarray(0, 2), true)}:${integerOf(bytes.subarray(2), true)}`;
    default:
      return bytes.slice();
  }
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return view.getFloat32(0);
  if (bytes.length === 8) return view.getFloat64(0);
  // Clients that keep whole numbers as integers send them as such, whatever the resource says.
  return Number(integerOf(bytes, false));
}

/** Encodes resources of one object instance; `typeOf` decides between integer and float. */
export function encodeTlv(nodes: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  const parts: Uint8Array[] = [];
  const multiple = Map.groupBy(
    nodes.filter(({ path }) => path.resourceInstance !== undefined),
    ({ path }) => path.resource ?? 0,
  );
  for (const { path, value } of nodes) {
    if (path.resourceInstance === undefined)
      parts.push(entry(Kind.resource, path.resource ?? 0, bytesOf(value, typeOf(path))));
  }
  for (const [resource, instances] of multiple) {
    const inner = instances.map(({ path, value }) =>
      entry(Kind.resourceInstance, path.resourceInstance ?? 0, bytesOf(value, typeOf(path))),
    );
    parts.push(entry(Kind.multipleResource, resource, Buffer.concat(inner)));
  }
  return Buffer.concat(parts);
}

function entry(kind: number, id: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const lengthSize = length < 8 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
  const idSize = id < 0x100 ? 1 : 2;
  const header = Buffer.alloc(1 + idSize + lengthSize);
  header[0] = (kind << 6) | (idSize === 2 ? 0x20 : 0) | (lengthSize << 3) | (lengthSize === 0 ? length : 0);
  header.writeUIntBE(id, 1, idSize);
  if (lengthSize > 0) header.writeUIntBE(length, 1 + idSize, lengthSize);
  return Buffer.concat([header, value]);
}

function bytesOf(value: ResourceValue, type: ResourceType | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
  if (typeof value === "bigint") return integerBytes(value);
  if (typeof value === "number") return numberBytes(value, type);
  if (type !== "objlnk") return Buffer.from(value, "utf8");
  const [object = 0, instance = 0] = value.split(":").map(Number);
  return Uint8Array.of(object >> 8, object & 0xff, instance >> 8, instance & 0xff);
}

function numberBytes(value: number, type: ResourceType | undefined): Uint8Array {
  if (type === "time") return integerBytes(Math.round(value / 1_000));
  if (type !== "float" && Number.isSafeInteger(value)) return integerBytes(value);
  const isSingle = Object.is(Math.fround(value), value);
  const bytes = Buffer.alloc(isSingle ? 4 : 8);
  if (isSingle) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}
