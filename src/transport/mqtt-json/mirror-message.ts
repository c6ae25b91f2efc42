import type { Device } from "#fleet/device.ts";
import { isBad } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { valuePathOf } from "./binding-tree.ts";

interface Tree {
  [key: string]: number | string | boolean | Tree;
}

/**
 * The telemetry message for samples that came over another protocol, marked with `origin` so that we know it again;
 * undefined when none of them is bound to JSON.
 */
export function mirrorMessage(device: Device, batch: SampleBatch, origin: string): string | undefined {
  const measurements: Tree = {};
  let isEmpty = true;
  let time = 0;
  for (let i = 0; i < batch.size; i += 1) {
    const spec = device.package.parameters[batch.parameters[i] ?? -1];
    const binding = spec?.bindings.json;
    if (spec === undefined || binding === undefined) continue;
    if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0 || isBad(batch.qualities[i] ?? 0)) continue;
    const number = batch.values[i] ?? Number.NaN;
    const text = batch.texts[i];
    if (text === undefined && Number.isNaN(number)) continue;
    const value = spec.dataType === "boolean" ? number !== 0 : (number - binding.offset) / binding.scale;
    put(measurements, valuePathOf(binding.address).split("."), text ?? value);
    time = Math.max(time, batch.times[i] ?? 0);
    isEmpty = false;
  }
  if (isEmpty) return undefined;
  return JSON.stringify({
    device_id: device.id,
    device_type: device.package.detection.declaredTypes[0] ?? device.package.typeName,
    timestamp: new Date(time).toISOString(),
    event_type: "telemetry",
    origin,
    measurements,
  });
}

function put(tree: Tree, keys: readonly string[], value: number | string | boolean): void {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key];
  const branch: Tree = typeof inner === "object" ? inner : {};
  tree[key] = branch;
  put(branch, rest, value);
}
