import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood } from "#model/quality.ts";
import { qualityWord } from "#rest/value-json.ts";
import { jsonKeysOf } from "./package-keys.ts";

/**
 * Values of a device as JSON, straight from the live columns: `{"device","timestamp","data":{name:value}}`, and `quality`
 * with those that are not good. The timestamp is the newest of theirs.
 */
export function valuesText(live: LiveValues, device: Device, parameters: Iterable<number>): string {
  const keys = jsonKeysOf(device.package);
  const specs = device.package.parameters;
  let data = "";
  let quality = "";
  let newest = Number.NEGATIVE_INFINITY;
  for (const index of parameters) {
    const slot = device.firstSlot + index;
    const spec = specs[index];
    const time = live.times[slot] ?? Number.NaN;
    if (spec === undefined || Number.isNaN(time)) continue;
    if (time > newest) newest = time;
    const key = keys[index] ?? "";
    data += `${data === "" ? "" : ","}${key}${valueText(live, slot, spec)}`;
    const status = live.qualities[slot] ?? 0;
    if (!isGood(status)) quality += `${quality === "" ? "" : ","}${key}"${qualityWord(status)}"`;
  }
  const timestamp = Number.isFinite(newest) ? `"${new Date(newest).toISOString()}"` : "null";
  const doubts = quality === "" ? "" : `,"quality":{${quality}}`;
  return `{"device":${JSON.stringify(device.id)},"timestamp":${timestamp},"data":{${data}}${doubts}}`;
}

function valueText(live: LiveValues, slot: number, spec: ParameterSpec): string {
  const text = live.texts[slot];
  if (text !== undefined) return JSON.stringify(text);
  const value = live.values[slot] ?? Number.NaN;
  if (!Number.isFinite(value)) return "null";
  if (spec.dataType === "boolean") return value === 0 ? "false" : "true";
  return spec.dataType === "date-time" ? `"${new Date(value).toISOString()}"` : String(value);
}
