import { type CborValue, decodeCbor, encodeCbor, isCborArray, isCborMap } from "./cbor.ts";

/** Integer keys of a message of the OMA MQTT binding (LwM2M 1.2 Transport, section 8). */
export const key = {
  operation: 1,
  token: 2,
  endpoint: 3,
  uri: 5,
  paths: 6,
  payload: 7,
  lifetime: 8,
  version: 9,
  binding: 10,
  pmin: 12,
  pmax: 13,
  result: 18,
  format: 19,
} as const;

export const operation = {
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

/** CoAP codes times 100. */
export const result = {
  created: 201,
  deleted: 202,
  changed: 204,
  content: 205,
  badRequest: 400,
  forbidden: 403,
  notFound: 404,
  notAllowed: 405,
  conflict: 409,
  unsupportedFormat: 415,
} as const;

export const linkFormat = 40;

export type Token = number | string | Uint8Array;

/** A decoded message: a request when it has an operation, a response when it has a result. */
export interface OmaMessage {
  readonly operation: number | undefined;
  readonly result: number | undefined;
  readonly token: Token;
  readonly uri: string | undefined;
  readonly paths: readonly string[];
  readonly payload: Uint8Array | undefined;
  readonly format: number | undefined;
  readonly pmin: number | undefined;
  readonly pmax: number | undefined;
}

/** Encodes the given members; undefined ones are left out. */
export function encodeOma(members: Partial<Record<keyof typeof key, CborValue | undefined>>): Buffer {
  const map = new Map<number, CborValue>();
  for (const [name, number] of Object.entries(key)) {
    const value = new Map(Object.entries(members)).get(name);
    if (value !== undefined) map.set(number, value);
  }
  return encodeCbor(map);
}

/** Decodes a message; undefined for anything that is none. */
export function decodeOma(bytes: Uint8Array): OmaMessage | undefined {
  const map = decodeCbor(bytes);
  if (!isCborMap(map)) return undefined;
  const get = (name: keyof typeof key): CborValue | undefined => map.get(key[name]);
  const token = get("token");
  if (typeof token !== "number" && typeof token !== "string" && !(token instanceof Uint8Array)) return undefined;
  return {
    operation: numberOf(get("operation")),
    result: numberOf(get("result")),
    token,
    uri: textOf(get("uri")),
    paths: textsOf(get("paths")),
    payload: bytesOf(get("payload")),
    format: numberOf(get("format")),
    pmin: numberOf(get("pmin")),
    pmax: numberOf(get("pmax")),
  };
}

/** A token as a map key. */
export function tokenText(token: Token): string {
  return token instanceof Uint8Array ? `h${Buffer.from(token).toString("hex")}` : String(token);
}

function numberOf(value: CborValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: CborValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: CborValue | undefined): string[] {
  return isCborArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** The standard shows payloads as bytes and once as text: both are taken. */
function bytesOf(value: CborValue | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value) : undefined;
}
