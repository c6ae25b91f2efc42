import { isDeviceId } from "#model/ids.ts";

export const uplinkKinds = ["raw", "trends", "status", "reply"] as const;

export type UplinkKind = (typeof uplinkKinds)[number];

/** A topic that a device publishes on. */
export type UplinkTopic =
  | { readonly family: "iot"; readonly device: string; readonly kind: UplinkKind }
  | {
      readonly family: "sensors";
      readonly device: string;
      /** Path of the one value that the message carries, e.g. `voltage` or `voltage.phase_a`; undefined: all values. */
      readonly metric: string | undefined;
    };

/** Everything the host subscribes to; commands and configuration are not among it, so it never hears its own. */
export const uplinkFilters: readonly string[] = [...uplinkKinds.map((kind) => `iot/+/${kind}`), "sensors/#"];

const maxTopicLength = 256;
const metricPattern = /^[A-Za-z0-9_.-]{1,64}$/;

function isUplinkKind(text: string): text is UplinkKind {
  return uplinkKinds.some((kind) => kind === text);
}

/** The parts of a topic, or undefined when it is none of ours or its device id cannot be a device name. */
export function parseUplinkTopic(topic: string): UplinkTopic | undefined {
  if (topic.length > maxTopicLength) return undefined;
  const [family, device = "", kind, ...rest] = topic.split("/");
  if (!isDeviceId(device)) return undefined;
  if (family === "iot") {
    return kind !== undefined && rest.length === 0 && isUplinkKind(kind) ? { family, device, kind } : undefined;
  }
  if (family !== "sensors") return undefined;
  const metric = kind === undefined ? undefined : [kind, ...rest];
  if (metric !== undefined && (metric.length > 3 || !metric.every((part) => metricPattern.test(part))))
    return undefined;
  return { family, device, metric: metric?.join(".") };
}

/** Where the fleet knows a device of the family by: its address. */
export function addressOf({ family, device }: Pick<UplinkTopic, "family" | "device">): string {
  return `${family}/${device}`;
}

export function commandTopic(device: string): string {
  return `iot/${device}/command`;
}

export function configTopic(device: string): string {
  return `iot/${device}/config`;
}

export function replyTopic(device: string): string {
  return `iot/${device}/reply`;
}

export function telemetryTopic(device: string): string {
  return `iot/${device}/raw`;
}
