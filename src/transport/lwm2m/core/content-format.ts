import { messageOf } from "#model/errors.ts";
import { CodecError } from "./cbor/cbor-value.ts";
import { decodeLwm2mCbor, encodeLwm2mCbor } from "./formats/lwm2m-cbor.ts";
import { decodeOldJson } from "./formats/old-json.ts";
import { decodeSenmlCbor, encodeSenmlCbor } from "./formats/senml-cbor.ts";
import { decodeSenmlJson, encodeSenmlJson } from "./formats/senml-json.ts";
import { decodeCborValue, decodeOpaque, decodeText, encodeCborValue, encodeText } from "./formats/single-value.ts";
import { decodeTlv, encodeTlv } from "./formats/tlv.ts";
import type { DecodeContext, ResourceNode } from "./resource-node.ts";

/** Content formats (CoAP registry) that carry values. */
export const ContentFormat = {
  text: 0,
  link: 40,
  opaque: 42,
  cbor: 60,
  senmlJson: 110,
  senmlCbor: 112,
  senmlEtchJson: 320,
  senmlEtchCbor: 322,
  tlv: 11542,
  oldJson: 11543,
  lwm2mCbor: 11544,
} as const;

type Decode = (bytes: Uint8Array, context: DecodeContext) => ResourceNode[];
type Encode = (nodes: readonly ResourceNode[], typeOf: DecodeContext["typeOf"]) => Uint8Array;

const decoders = new Map<number, Decode>([
  [ContentFormat.text, decodeText],
  [ContentFormat.opaque, decodeOpaque],
  [ContentFormat.cbor, decodeCborValue],
  [ContentFormat.senmlJson, decodeSenmlJson],
  [ContentFormat.senmlCbor, decodeSenmlCbor],
  [ContentFormat.senmlEtchJson, decodeSenmlJson],
  [ContentFormat.senmlEtchCbor, decodeSenmlCbor],
  [ContentFormat.tlv, decodeTlv],
  [ContentFormat.oldJson, decodeOldJson],
  [ContentFormat.lwm2mCbor, decodeLwm2mCbor],
  // Numbers of these two before their registration, still sent by LwM2M 1.0 clients.
  [1542, decodeTlv],
  [1543, decodeOldJson],
]);

const encoders = new Map<number, Encode>([
  [ContentFormat.text, encodeText],
  [ContentFormat.cbor, encodeCborValue],
  [ContentFormat.senmlJson, encodeSenmlJson],
  [ContentFormat.senmlCbor, encodeSenmlCbor],
  [ContentFormat.tlv, encodeTlv],
  [ContentFormat.lwm2mCbor, encodeLwm2mCbor],
]);

export type Decoding =
  | { readonly ok: true; readonly nodes: readonly ResourceNode[] }
  | { readonly ok: false; readonly detail: string };

/** Decodes the values of a payload; never throws. */
export function decodeContent(format: number, bytes: Uint8Array, context: DecodeContext): Decoding {
  const decode = decoders.get(format);
  if (decode === undefined) return { ok: false, detail: `content format ${format} is not known` };
  try {
    return { ok: true, nodes: decode(bytes, context) };
  } catch (error) {
    if (error instanceof CodecError) return { ok: false, detail: error.message };
    return { ok: false, detail: `content format ${format}: ${messageOf(error)}` };
  }
}

/** Encodes values; undefined when the format is none that we write. */
export function encodeContent(
  format: number,
  nodes: readonly ResourceNode[],
  typeOf: DecodeContext["typeOf"],
): Uint8Array | undefined {
  return encoders.get(format)?.(nodes, typeOf);
}
