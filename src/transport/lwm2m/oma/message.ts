import { messageOf } from "#model/errors.ts";
import { readCbor } from "#transport/lwm2m/core/cbor/cbor-reader.ts";
import { CborMap, type CborValue, isCborList } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { cborMapOf, writeCbor } from "#transport/lwm2m/core/cbor/cbor-writer.ts";

/** Operations of the interface `rd` (OMA Transport 1.2, section 8). */
export const Operation = {
  register: 6,
  update: 7,
  deregister: 8,
  read: 9,
  readComposite: 10,
  discover: 11,
  writeReplace: 12,
  writePartial: 13,
  writeAttributes: 14,
  writeComposite: 15,
  execute: 16,
  create: 17,
  delete: 18,
  observe: 20,
  observeComposite: 21,
  cancel: 22,
  notify: 23,
  send: 24,
} as const;

/** Keys of a message. */
const Key = {
  operation: 1,
  token: 2,
  endpoint: 3,
  uri: 5,
  paths: 6,
  payload: 7,
  lifetime: 8,
  version: 9,
  binding: 10,
  result: 18,
  format: 19,
} as const;

/** One message of the binding, as far as it is understood here. */
export interface OmaMessage {
  /** Set on requests (and notifications). */
  readonly operation?: number | undefined;
  /** Set on responses: a CoAP code x 100. */
  readonly result?: number | undefined;
  readonly token?: number | undefined;
  readonly endpoint?: string | undefined;
  readonly uri?: string | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly payload?: Uint8Array | undefined;
  readonly lifetime?: number | undefined;
  readonly version?: string | undefined;
  readonly binding?: string | undefined;
  /** Content format of the payload. */
  readonly format?: number | undefined;
}

export type OmaReading =
  | { readonly ok: true; readonly message: OmaMessage }
  | { readonly ok: false; readonly detail: string };

export const maxMessageBytes = 256 * 1024;

/** Decodes a message: a CBOR map with integer keys, others are read over. Never throws. */
export function decodeOmaMessage(bytes: Uint8Array): OmaReading {
  let value: CborValue;
  try {
    value = readCbor(bytes);
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
  if (!(value instanceof CborMap)) return { ok: false, detail: "a message that is no map" };
  const message: OmaMessage = {
    operation: numberAt(value, Key.operation),
    result: numberAt(value, Key.result),
    token: numberAt(value, Key.token),
    endpoint: textAt(value, Key.endpoint),
    uri: textAt(value, Key.uri),
    paths: textsAt(value, Key.paths),
    payload: bytesAt(value, Key.payload),
    lifetime: numberAt(value, Key.lifetime),
    version: versionAt(value),
    binding: textAt(value, Key.binding),
    format: numberAt(value, Key.format),
  };
  if ((message.operation === undefined) === (message.result === undefined)) {
    return { ok: false, detail: "expected either an operation or a result" };
  }
  return { ok: true, message };
}

function numberAt(map: CborMap, key: number): number | undefined {
  const value = map.get(key);
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function textAt(map: CborMap, key: number): string | undefined {
  const value = map.get(key);
  return typeof value === "string" ? value : undefined;
}

function textsAt(map: CborMap, key: number): string[] | undefined {
  const value = map.get(key);
  return isCborList(value) ? value.filter((item) => typeof item === "string") : undefined;
}

/** The text of the binding shows the payload as text once, as bytes elsewhere: both are taken. */
function bytesAt(map: CborMap, key: number): Uint8Array | undefined {
  const value = map.get(key);
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value, "utf8") : undefined;
}

function versionAt(map: CborMap): string | undefined {
  const value = map.get(Key.version);
  return typeof value === "number" ? value.toFixed(1) : textAt(map, Key.version);
}

/** Encodes a message with its keys in ascending order. */
export function encodeOmaMessage(message: OmaMessage): Uint8Array {
  return writeCbor(
    cborMapOf([
      [Key.operation, message.operation],
      [Key.token, message.token],
      [Key.endpoint, message.endpoint],
      [Key.uri, message.uri],
      [Key.paths, message.paths],
      [Key.payload, message.payload],
      [Key.lifetime, message.lifetime],
      [Key.version, message.version],
      [Key.binding, message.binding],
      [Key.result, message.result],
      [Key.format, message.format],
    ]),
  );
}
