import { readCbor } from "#transport/lwm2m/core/cbor/cbor-reader.ts";
import { CborMap, type CborValue, CodecError, isCborList } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { writeCbor } from "#transport/lwm2m/core/cbor/cbor-writer.ts";
import { idsOf, isPathId, pathOfIds } from "#transport/lwm2m/core/path.ts";
import { type DecodeContext, maxNodes, type ResourceNode } from "#transport/lwm2m/core/resource-node.ts";
import { typedValue } from "#transport/lwm2m/core/typed-value.ts";

/** Decodes LwM2M CBOR (content format 11544): maps of ids, nested or with several levels joined in an array key. Throws CodecError. */
export function decodeLwm2mCbor(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const value = readCbor(bytes);
  if (!(value instanceof CborMap)) throw new CodecError("LwM2M CBOR is a map");
  const nodes: ResourceNode[] = [];
  visit(value, [], { context, nodes });
  return nodes;
}

interface Visit {
  readonly context: DecodeContext;
  readonly nodes: ResourceNode[];
}

function visit(map: CborMap, parents: readonly number[], walk: Visit): void {
  for (const [key, value] of map.entries) {
    const ids = [...parents, ...levelsOf(key)];
    if (value instanceof CborMap) visit(value, ids, walk);
    else add(ids, value, walk);
  }
}

function levelsOf(key: CborValue): number[] {
  const levels = isCborList(key) ? key : [key];
  if (levels.length > 0 && levels.every(isPathId)) return [...levels];
  throw new CodecError("a key that is no id");
}

function add(ids: readonly number[], value: CborValue, { context, nodes }: Visit): void {
  const path = pathOfIds(ids);
  if (path?.resource === undefined) throw new CodecError(`/${ids.join("/")} is no resource`);
  if (nodes.length >= maxNodes) throw new CodecError(`more than ${maxNodes} values`);
  // Resource instances without names of their own, and no value, are not part of the format.
  if (value === null || isCborList(value) || value instanceof CborMap)
    throw new CodecError("a value of the wrong type");
  nodes.push({ path, value: typedValue(value, context.typeOf(path)) });
}

/** Encodes values of LwM2M CBOR, each under the joined ids of its path. */
export function encodeLwm2mCbor(nodes: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]): Uint8Array {
  return writeCbor(
    new CborMap(
      nodes.map(({ path, value }) => [
        idsOf(path),
        typeOf(path) === "time" && typeof value === "number" ? value / 1_000 : value,
      ]),
    ),
  );
}
