import { isDeviceName } from "./device-logins.ts";

/** What a client of the embedded broker may do: topics that it may write to, and topic filters that it may read. */
export interface TopicRules {
  mayWrite(topic: string): boolean;
  mayRead(filter: string): boolean;
}

/** What a device, or an edge node, may do with its own name as user (`%u`); the same as in `deploy/mosquitto/acl`. */
export const devicePatterns = {
  write: [
    "iot/%u/raw",
    "iot/%u/trends",
    "iot/%u/status",
    "iot/%u/reply",
    "sensors/%u/#",
    "lwm2m/%u/#",
    "lwm2m/rd/%u/#",
    "lwm2m/rd/%u",
    "spBv1.0/+/NBIRTH/%u",
    "spBv1.0/+/NDEATH/%u",
    "spBv1.0/+/NDATA/%u",
    "spBv1.0/+/DBIRTH/%u/+",
    "spBv1.0/+/DDEATH/%u/+",
    "spBv1.0/+/DDATA/%u/+",
  ],
  read: [
    "iot/%u/command",
    "iot/%u/config",
    "lwm2m/%u/#",
    "spBv1.0/+/NCMD/%u",
    "spBv1.0/+/DCMD/%u/+",
    "spBv1.0/STATE/+",
  ],
} as const;

/** Everything but what belongs to the broker itself. */
export const everyTopic: TopicRules = {
  mayWrite: (topic) => !topic.startsWith("$"),
  mayRead: (filter) => !filter.startsWith("$SYS"),
};

/** A device's own topics. A name with a wildcard or a slash in it, or that is reserved, has none. */
export function topicsOf(device: string): TopicRules {
  const isName = isDeviceName(device);
  const own = (patterns: readonly string[]): string[][] =>
    isName ? patterns.map((pattern) => pattern.replace("%u", () => device).split("/")) : [];
  const write = own(devicePatterns.write);
  const read = own(devicePatterns.read);
  return {
    mayWrite: (topic) => write.some((pattern) => covers(pattern, topic.split("/"))),
    mayRead: (filter) => read.some((pattern) => covers(pattern, filter.split("/"))),
  };
}

/** True when everything that `filter` fits is fitted by `pattern` too (MQTT 3.1.1, 4.7.1). */
function covers(pattern: readonly string[], filter: readonly string[]): boolean {
  for (const [i, level] of pattern.entries()) {
    if (level === "#") return filter.length >= i;
    const found = filter[i];
    if (found === undefined || found === "#") return false;
    if (level === "+") continue;
    if (level !== found) return false;
  }
  return filter.length === pattern.length;
}
