import { CodecError } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { type Path, pathOf } from "#transport/lwm2m/core/path.ts";
import {
  type DecodeContext,
  maxNodes,
  type ResourceNode,
  type ResourceValue,
} from "#transport/lwm2m/core/resource-node.ts";
import { typedValue } from "#transport/lwm2m/core/typed-value.ts";

/** One SenML record (RFC 8428), whatever it was written in. */
export interface SenmlRecord {
  readonly baseName?: string | undefined;
  readonly baseTime?: number | undefined;
  readonly baseValue?: number | undefined;
  readonly name?: string | undefined;
  readonly time?: number | undefined;
  /** Undefined in records that only set a base, and in those of a request. */
  readonly value?: ResourceValue | undefined;
}

/** Times below this many seconds are relative to now (RFC 8428, 4.5.3). */
const smallestAbsoluteTime = 2 ** 28;

/** Resolves names, times and base values. Throws CodecError when a name is no path. */
export function resolveSenml(records: Iterable<SenmlRecord>, context: DecodeContext): ResourceNode[] {
  const nodes: ResourceNode[] = [];
  let baseName = "";
  let baseTime: number | undefined;
  let baseValue = 0;
  for (const record of records) {
    baseName = record.baseName ?? baseName;
    baseTime = record.baseTime ?? baseTime;
    baseValue = record.baseValue ?? baseValue;
    const { value } = record;
    if (value === undefined) continue;
    if (nodes.length >= maxNodes) throw new CodecError(`more than ${maxNodes} values`);
    const path = resourceOf(`${baseName}${record.name ?? ""}`);
    const sum = typeof value === "number" ? value + baseValue : value;
    nodes.push({
      path,
      value: typedValue(sum, context.typeOf(path)),
      time: timeOf(baseTime, record.time, context.now),
    });
  }
  return nodes;
}

function resourceOf(name: string): Path {
  const path = pathOf(name);
  if (path?.resource === undefined) throw new CodecError(`${JSON.stringify(name.slice(0, 40))} is no resource`);
  return path;
}

/** Undefined when the pack says nothing about time: then it is that of receipt. */
function timeOf(base: number | undefined, own: number | undefined, now: number): number | undefined {
  if (base === undefined && own === undefined) return undefined;
  const seconds = (base ?? 0) + (own ?? 0);
  return seconds < smallestAbsoluteTime ? now + seconds * 1_000 : seconds * 1_000;
}
