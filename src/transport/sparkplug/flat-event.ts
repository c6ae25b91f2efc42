import type { DeviceEvent } from "#fleet/ports.ts";
import { Quality } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Point } from "./points.ts";
import { numberOfText } from "./sample-reader.ts";

/** A JSON message on a DATA topic: scalar members only, nothing nested. */
export function parseFlatEvent(payload: Uint8Array, receivedAt: number): DeviceEvent | undefined {
  if (payload.byteLength > 16_384) return undefined;
  const parsed = parseObject(payload);
  if (parsed === undefined) return undefined;
  const fields = new Map<string, string | number | boolean>();
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") fields.set(key, value);
  }
  const type = fields.get("event_type");
  if (typeof type !== "string") return undefined;
  return { type, at: timeOf(fields.get("timestamp")) ?? receivedAt, fields: Object.fromEntries(fields) };
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

function parseObject(payload: Uint8Array): object | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Epoch ms of a number, or of an ISO text (UTC where it has no zone). */
function timeOf(value: string | number | boolean | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const time = Date.parse(/[Zz]$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(time) ? undefined : time;
}
