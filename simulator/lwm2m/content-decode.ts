import { fieldsOf } from "#simulator/fleet/json-fields.ts";
import { type CborValue, decodeCbor, isCborArray, isCborMap } from "./cbor.ts";
import { contentFormats } from "./content.ts";
import { parsePath, resourceAt } from "./oma-model.ts";

/** One value to write, with the absolute path of its resource. */
export interface WriteItem {
  readonly path: string;
  readonly value: number | boolean | string;
}

/** The values of a Write payload; undefined when the format is unknown or the bytes do not fit it. */
export function decodeWrite(uri: string, format: number | undefined, payload: Uint8Array): WriteItem[] | undefined {
  switch (format ?? contentFormats.text) {
    case contentFormats.text:
      return [{ path: uri, value: scalarOfText(Buffer.from(payload).toString("utf8")) }];
    case contentFormats.cbor:
      return single(uri, decodeCbor(payload));
    case contentFormats.senmlJson:
      return senml(uri, parseJson(payload), jsonLabels);
    case contentFormats.senmlCbor:
      return senml(uri, plainCbor(decodeCbor(payload)), cborLabels);
    case contentFormats.tlv:
      return tlv(uri, Buffer.from(payload));
    default:
      return undefined;
  }
}

function scalarOfText(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function single(path: string, value: CborValue | undefined): WriteItem[] | undefined {
  return isScalar(value) ? [{ path, value }] : undefined;
}

function isScalar(value: unknown): value is number | boolean | string {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "string";
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

interface Labels {
  readonly baseName: string;
  readonly name: string;
  readonly values: readonly string[];
}

const jsonLabels: Labels = { baseName: "bn", name: "n", values: ["v", "vb", "vs"] };
const cborLabels: Labels = { baseName: "-2", name: "0", values: ["2", "4", "3"] };

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** CBOR records as maps with text keys, so that both SenML forms are read by the same code. */
function plainCbor(value: CborValue | undefined): unknown {
  if (!isCborArray(value)) return undefined;
  return value.map((record) => (isCborMap(record) ? new Map([...record].map(([k, v]) => [String(k), v])) : undefined));
}

function recordFields(record: unknown): ReadonlyMap<string, unknown> | undefined {
  return record instanceof Map ? new Map<string, unknown>(record) : fieldsOf(record);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function senml(uri: string, records: unknown, labels: Labels): WriteItem[] | undefined {
  if (!isList(records)) return undefined;
  let base = "";
  const items: WriteItem[] = [];
  for (const record of records) {
    const fields = recordFields(record);
    if (fields === undefined) return undefined;
    base = textOr(fields.get(labels.baseName), base);
    const path = `${base}${textOr(fields.get(labels.name), "")}`;
    const value = labels.values.map((label) => fields.get(label)).find((member) => member !== undefined);
    if (!isScalar(value)) return undefined;
    items.push({ path: path === "" ? uri : path, value });
  }
  return items;
}

/** Resource TLVs of one object instance; every other kind of TLV is refused. */
function tlv(uri: string, bytes: Buffer): WriteItem[] | undefined {
  const target = parsePath(uri);
  if (target === undefined) return undefined;
  const items: WriteItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at] ?? 0;
    if (type >> 6 !== 3) return undefined;
    const idSize = (type & 0x20) === 0 ? 1 : 2;
    const lengthSize = (type >> 3) & 3;
    const start = at + 1 + idSize + lengthSize;
    if (start > bytes.length) return undefined;
    const resourceId = bytes.readUIntBE(at + 1, idSize);
    const length = lengthSize === 0 ? type & 7 : bytes.readUIntBE(at + 1 + idSize, lengthSize);
    const value = tlvScalar({ ...target, instanceId: 0, resourceId }, bytes.subarray(start, start + length), length);
    if (value === undefined) return undefined;
    items.push({ path: `/${target.objectId}/0/${resourceId}`, value });
    at = start + length;
  }
  return items;
}

type Path = NonNullable<ReturnType<typeof parsePath>>;

function tlvScalar(path: Path, bytes: Buffer, length: number): WriteItem["value"] | undefined {
  if (bytes.length !== length) return undefined;
  const type = resourceAt(path)?.type;
  if (type === "boolean") return bytes[0] === 1;
  if (type === "string") return bytes.toString("utf8");
  if (type === "float") return length === 4 ? bytes.readFloatBE() : length === 8 ? bytes.readDoubleBE() : undefined;
  return length >= 1 && length <= 6 ? bytes.readIntBE(0, length) : undefined;
}
