import { ContentFormat, type Decoding, decodeContent } from "#transport/lwm2m/core/content-format.ts";
import { isWithin } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext } from "#transport/lwm2m/core/resource-node.ts";
import type { OmaMessage } from "./message.ts";

/** The values of a message, none of them outside of the path that was asked for. */
export function contentOf({ payload, format }: OmaMessage, context: DecodeContext): Decoding {
  if (payload === undefined) return { ok: false, detail: "no payload" };
  // Without a word about the format a client means what LwM2M 1.0 would have sent.
  const usual = context.base.resource === undefined ? ContentFormat.tlv : ContentFormat.text;
  const decoding = decodeContent(format ?? usual, payload, context);
  if (!decoding.ok || decoding.nodes.every(({ path }) => isWithin(path, context.base))) return decoding;
  return { ok: false, detail: "values outside of the path that was asked for" };
}
