import { isDeviceId } from "#model/ids.ts";

/** What devices publish, besides answers. */
export const uplinkKinds = ["reg", "update", "bulk", "event", "config", "dereg"] as const;

export type UplinkKind = (typeof uplinkKinds)[number];

export type UplinkTopic =
  | { readonly device: string; readonly kind: UplinkKind }
  | { readonly device: string; readonly kind: "resp"; readonly word: string };

/**
 * Answers that are subscribed to from the start; others when such a command is first sent. The words of our own answers
 * (`reg`, `update`, `bulk`) are not among them: hearing them again would double the traffic of every device.
 */
export const answerWords: readonly string[] = [
  "trip",
  "close",
  "reset",
  "self_test",
  "configure",
  "get_configuration",
  "read",
  "write",
  "execute",
];

// Second levels of the OMA binding: no device may have them for a name.
const reserved = new Set(["rd", "bs"]);

function isUplinkKind(text: string | undefined): text is UplinkKind {
  return uplinkKinds.some((kind) => kind === text);
}

/** The parts of `lwm2m/{device}/{kind}` or `lwm2m/{device}/resp/{word}`; undefined for any other topic. */
export function parseUplinkTopic(topic: string): UplinkTopic | undefined {
  if (topic.length > 256) return undefined;
  const [root, device = "", kind, word, ...rest] = topic.split("/");
  if (root !== "lwm2m" || rest.length > 0 || !isDeviceId(device) || reserved.has(device)) return undefined;
  if (kind === "resp") return word === undefined || word === "" ? undefined : { device, kind, word };
  return word === undefined && isUplinkKind(kind) ? { device, kind } : undefined;
}
