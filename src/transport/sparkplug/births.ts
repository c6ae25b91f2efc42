import type { Uplink } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import type { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { type Point, pointOf } from "./points.ts";
import type { UplinkTopic } from "./topic.ts";

export const deviceTypeMetric = "Device/Type";

/** The value of the metric `bdSeq` of the decoded NBIRTH or NDEATH; undefined when it has none. */
export function bdSeqOf(decoder: PayloadDecoder): number | undefined {
  const { columns } = decoder;
  for (let i = 0; i < columns.size; i += 1) {
    if (columns.names[i] === "bdSeq") return numberOf(columns, i, columns.datatypes[i] ?? 0);
  }
  return undefined;
}

export interface BirthMessage {
  readonly topic: UplinkTopic;
  readonly receivedAt: number;
}

/**
 * Introduces the device of the decoded BIRTH to the fleet and compiles its metrics into points, by name and by alias.
 * The edge node itself is introduced only if it declares a type.
 */
export function applyBirth(device: EdgeDevice, decoder: PayloadDecoder, uplink: Uplink, message: BirthMessage): void {
  const { topic, receivedAt } = message;
  const { columns } = decoder;
  const names = columns.names.slice(0, columns.size).filter((name) => name !== "");
  const declaredType = declaredTypeOf(decoder);
  if (topic.device !== undefined || declaredType !== undefined) {
    const before = device.record;
    device.record = uplink.announced({
      protocol: "sparkplug",
      name: topic.device ?? topic.edgeNode,
      address: device.address,
      declaredType,
      points: names,
      at: Number.isNaN(columns.timestamp) ? receivedAt : columns.timestamp,
    });
    // A new record has not been told of any presence yet.
    if (device.record !== before) device.presence = "unknown";
  }
  const rejected = compilePoints(device, decoder, device.record?.package);
  if (rejected !== undefined) uplink.rejected(device.address, "malformed", rejected);
  device.isBorn = true;
}

function declaredTypeOf(decoder: PayloadDecoder): string | undefined {
  const at = decoder.columns.names.indexOf(deviceTypeMetric);
  return at < 0 || at >= decoder.columns.size ? undefined : decoder.textOf(at);
}

/** Returns what was wrong with the BIRTH, or undefined. */
function compilePoints(
  device: EdgeDevice,
  decoder: PayloadDecoder,
  pkg: DevicePackage | undefined,
): string | undefined {
  const { columns } = decoder;
  const { aliases } = device.node;
  for (const [alias, point] of aliases) if (point.owner === device.name) aliases.delete(alias);
  const points = new Map<string, Point>();
  const ambiguous = new Set<number>();
  let wrong: string | undefined;
  for (let i = 0; i < columns.size; i += 1) {
    const name = columns.names[i] ?? "";
    if (name === "") {
      wrong ??= "a metric of the BIRTH has no name";
      continue;
    }
    const point = pointOf({ name, owner: device.name, datatype: columns.datatypes[i] ?? 0 }, pkg);
    points.set(name, point);
    const alias = columns.aliases[i] ?? -1;
    if (alias < 0) continue;
    const taken = aliases.get(alias);
    if (taken !== undefined && taken.name !== name) {
      ambiguous.add(alias);
      wrong ??= `alias ${alias} stands for ${taken.name} and ${name}`;
    }
    aliases.set(alias, point);
  }
  // Neither owner of a doubled alias can be trusted: data that uses it counts as unknown.
  for (const alias of ambiguous) aliases.delete(alias);
  device.points = points;
  return wrong;
}
