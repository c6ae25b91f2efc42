import { isDeviceId } from "#model/ids.ts";

export const namespace = "spBv1.0";

/** Message types a host application reads; commands are only written (Sparkplug 3.0, section 4.1). */
export const uplinkTypes = ["NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"] as const;

export type UplinkType = (typeof uplinkTypes)[number];

/** Stands for the edge node of devices that publish without one; no real one can be called so. */
export const noEdgeNode = "~";

/** A topic of an edge node or of a device below one. */
export interface UplinkTopic {
  readonly type: UplinkType;
  readonly group: string;
  /** `noEdgeNode` for D* messages in the flat form `spBv1.0/{group}/{type}/{device}`. */
  readonly edgeNode: string;
  /** Undefined on N* messages. */
  readonly device: string | undefined;
  /** `group/edgeNode`. */
  readonly nodeKey: string;
}

const types: ReadonlySet<string> = new Set(uplinkTypes);

function isUplinkType(text: string): text is UplinkType {
  return types.has(text);
}

/**
 * The parts of `spBv1.0/{group}/{type}/{edge node}[/{device}]` or of the flat form `spBv1.0/{group}/{D* type}/{device}`;
 * undefined when it is neither: ids follow the rule of device names (1 to 64 ASCII characters without `/ + #` or controls).
 */
export function parseUplinkTopic(topic: string): UplinkTopic | undefined {
  if (topic.length > 256) return undefined;
  const [space, group = "", type = "", third = "", fourth, ...rest] = topic.split("/");
  if (space !== namespace || rest.length > 0 || !isUplinkType(type)) return undefined;
  if (!isDeviceId(group) || !isDeviceId(third)) return undefined;
  if (!type.startsWith("D")) {
    return fourth === undefined
      ? { type, group, edgeNode: third, device: undefined, nodeKey: `${group}/${third}` }
      : undefined;
  }
  if (fourth === undefined) {
    return { type, group, edgeNode: noEdgeNode, device: third, nodeKey: `${group}/${noEdgeNode}` };
  }
  return isDeviceId(fourth)
    ? { type, group, edgeNode: third, device: fourth, nodeKey: `${group}/${third}` }
    : undefined;
}

export function nodeCommandTopic(group: string, edgeNode: string): string {
  return `${namespace}/${group}/NCMD/${edgeNode}`;
}

/** The flat form for devices without an edge node. */
export function deviceCommandTopic(group: string, edgeNode: string, device: string): string {
  return edgeNode === noEdgeNode
    ? `${namespace}/${group}/DCMD/${device}`
    : `${namespace}/${group}/DCMD/${edgeNode}/${device}`;
}

export function stateTopic(hostId: string): string {
  return `${namespace}/STATE/${hostId}`;
}

/** Where a host of Sparkplug 2.2 announces itself. */
export function textStateTopic(hostId: string): string {
  return `STATE/${hostId}`;
}

/** Filters for everything that edge nodes of a group publish; `+` for all groups. Our own commands are not among them. */
export function uplinkFilters(group: string): string[] {
  return uplinkTypes.map((type) => `${namespace}/${group}/${type}/+${type.startsWith("D") ? "/+" : ""}`);
}

/** Filters for devices of a group that publish without an edge node. */
export function flatFilters(group: string): string[] {
  return uplinkTypes.filter((type) => type.startsWith("D")).map((type) => `${namespace}/${group}/${type}/+`);
}
