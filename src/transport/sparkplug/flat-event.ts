import type { DeviceEvent } from "#fleet/ports.ts";
import { isJsonObject, type JsonLimits, readJson } from "#lib/read-json.ts";
import { Quality } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { epochMsOf } from "#transport/shared/device-time.ts";
import type { Point } from "./points.ts";
import { numberOfText } from "./sample-reader.ts";

const limits: JsonLimits = { maxBytes: 16_384, maxDepth: 4, maxMembers: 200 };

/** A JSON message on a DATA topic: its scalar members, nothing nested; undefined when it is no event. */
export function parseFlatEvent(payload: Uint8Array, receivedAt: number): DeviceEvent | undefined {
  const reading = readJson(payload, limits);
  if (!reading.ok || !isJsonObject(reading.value)) return undefined;
  const fields = new Map<string, string | number | boolean>();
  for (const [key, value] of Object.entries(reading.value)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") fields.set(key, value);
  }
  const type = fields.get("event_type");
  if (typeof type !== "string") return undefined;
  return { type, at: epochMsOf(fields.get("timestamp")) ?? receivedAt, fields: Object.fromEntries(fields) };
}

/** Appends the members of `event` that stand for a parameter, at the time of the event. */
export function addEventSamples(
  batch: SampleBatch,
  event: DeviceEvent,
  metrics: Readonly<Record<string, string>>,
  points: (metric: string) => Point | undefined,
): void {
  for (const [member, metric] of Object.entries(metrics)) {
    const point = points(metric);
    const value = Object.hasOwn(event.fields, member) ? event.fields[member] : undefined;
    if (point === undefined || point.parameter < 0 || value === undefined) continue;
    if (point.dataType === "string") batch.addText(point.parameter, String(value), event.at, Quality.good);
    else {
      const number =
        typeof value === "string" ? numberOfText(point, value) : Number(value) * point.scale + point.offset;
      batch.add(point.parameter, number, event.at, Number.isNaN(number) ? Quality.badTypeMismatch : Quality.good);
    }
  }
}
