import { CodecError } from "#transport/lwm2m/core/cbor/cbor-value.ts";
import { pathText } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext, ResourceNode, ResourceValue } from "#transport/lwm2m/core/resource-node.ts";
import { resolveSenml } from "./senml.ts";
import { isFields, numberIn, parsed, textIn } from "./senml-json.ts";

/** Decodes the JSON of LwM2M 1.0 (content format 11543): `{"bn":"/3/0/","e":[{"n":"0","sv":".."}]}`. Throws CodecError. */
export function decodeOldJson(bytes: Uint8Array, context: DecodeContext): ResourceNode[] {
  const value = parsed(bytes);
  if (!isFields(value) || !Array.isArray(value["e"])) throw new CodecError('expected an object with a list "e"');
  const baseTime = numberIn(value, "bt");
  const baseName = textIn(value, "bn") ?? `${pathText(context.base)}/`;
  const records = value["e"].map((entry: unknown) => {
    if (!isFields(entry)) throw new CodecError("an entry that is no object");
    const name = textIn(entry, "n") ?? "";
    return { baseName, baseTime, name, time: numberIn(entry, "t"), value: valueIn(entry) };
  });
  return resolveSenml(
    // A single resource may have an empty name behind a base name that ends with a slash.
    records.map((record) => (record.name === "" ? { ...record, baseName: baseName.replace(/\/$/, "") } : record)),
    context,
  );
}

function valueIn(entry: Readonly<Record<string, unknown>>): ResourceValue | undefined {
  const flag = entry["bv"];
  if (typeof flag === "boolean") return flag;
  return numberIn(entry, "v") ?? textIn(entry, "sv") ?? textIn(entry, "ov");
}
