import { Type } from "typebox";
import type { Device } from "#fleet/device.ts";
import { type AggregateName, defaultAggregateConfiguration } from "#model/aggregate.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { isoOf, maybeIsoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { legacyTypeOf, parameterNamed } from "./legacy-device.ts";

const tags = ["legacy"];
const config = { action: "history.read", isLegacy: true } as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Time and window of each timeframe; 0: the values as they came. */
const timeframes = {
  "1h": { spanMs: hourMs, windowMs: 0, aggregation: "Raw" },
  "6h": { spanMs: 6 * hourMs, windowMs: hourMs, aggregation: "Hourly Average" },
  "24h": { spanMs: dayMs, windowMs: hourMs, aggregation: "Hourly Average" },
  "7d": { spanMs: 7 * dayMs, windowMs: dayMs, aggregation: "Daily Average" },
  "30d": { spanMs: 30 * dayMs, windowMs: dayMs, aggregation: "Daily Average" },
} as const;

const windows = {
  daily: { days: 1, windowMs: 5 * 60_000 },
  weekly: { days: 7, windowMs: 30 * 60_000 },
  monthly: { days: 30, windowMs: 2 * hourMs },
  yearly: { days: 365, windowMs: dayMs },
} as const;

const limit = 100;
/** Points of one answer; a longer time gets wider windows. */
const maxWindows = 400;
/** What the legacy stream of grid units carries. */
const gridMetrics = new Set([
  "input_voltage",
  "input_current",
  ...[1, 2, 3].flatMap((output) => [`out_voltage${output}`, `out_current${output}`]),
]);

const timescaleQuery = Type.Object({
  device_id: Type.String({ minLength: 1, maxLength: 64 }),
  metric: Type.String({ minLength: 1, maxLength: 200 }),
  timeframe: Type.Enum(["1h", "6h", "24h", "7d", "30d"], { default: "24h" }),
});
const analyticsQuery = Type.Object({
  interval: Type.Enum(["daily", "weekly", "monthly", "yearly"], { default: "daily" }),
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 365, description: "How far back; default: as the interval has it" }),
  ),
  device: Type.Optional(Type.String({ maxLength: 64 })),
});

/** History in the shapes of the legacy platforms; where there is none the answer is empty, and 503 when the store is down. */
export function legacyHistoryRoutes(app: Api, parts: FacadeParts): void {
  const { registry, presence, clock } = parts.fleet;
  app.get(
    "/api/timescale/analytics",
    { config, schema: { tags, summary: "One metric of one device", querystring: timescaleQuery } },
    async ({ query }) => {
      const device = registry.get(query.device_id);
      const spec = parameterNamed(device, query.metric);
      const data = await trendOf(parts, device, spec, query.timeframe);
      const message = data.length === 0 ? { message: `no data of ${spec.name} in the last ${query.timeframe}` } : {};
      return { success: true, data, query: { ...query, data_points: data.length }, ...message };
    },
  );
  app.get("/api/timescale/stats", { config, schema: { tags, summary: "The store" } }, () => {
    const { stored } = parts.storeCounters();
    const isUp = parts.health().every(({ name, ready }) => name !== "historian" || ready);
    const stats = {
      status: isUp ? "connected" : "disconnected",
      total_data_points: stored,
      devices_stored: registry.size,
    };
    return { success: true, stats: { ...stats, last_update: isoOf(clock.now()) } };
  });
  app.get("/api/timescale/devices", { config, schema: { tags, summary: "Devices of which there is history" } }, () => ({
    success: true,
    devices: [...registry.all()].map((device) => ({
      device_id: device.id,
      device_name: device.id,
      device_type: legacyTypeOf(device),
      last_seen: maybeIsoOf(presence.of(device).lastSeen),
    })),
  }));
  app.get(
    "/analytics",
    { config, schema: { tags, summary: "Grid units, averaged", querystring: analyticsQuery } },
    async ({ query }) => {
      const { interval, days = windows[query.interval].days, device } = query;
      const units = device === undefined ? [...registry.all()] : [registry.get(device)];
      const rows = await Promise.all(units.map((unit) => gridRows(parts, unit, interval, days)));
      return { interval, days, data: rows.flat() };
    },
  );
}

async function trendOf(parts: FacadeParts, device: Device, spec: ParameterSpec, timeframe: keyof typeof timeframes) {
  const { spanMs, windowMs, aggregation } = timeframes[timeframe];
  const now = parts.fleet.clock.now();
  if (windowMs > 0) {
    const start = Math.floor((now - spanMs) / windowMs) * windowMs;
    const points = await averages(parts, device, spec, { start, end: now, windowMs });
    return points
      .toReversed()
      .slice(0, limit)
      .map(({ time, value }) => ({ timestamp: isoOf(time), value, aggregation }));
  }
  const range = { from: now - spanMs, to: undefined, reverse: true, limit };
  const { times, values } = await parts.history.raw({ device: device.id, parameter: spec.name, ...range });
  return Array.from(times, (time, i) => ({ timestamp: isoOf(time), value: values[i] ?? null, aggregation })).filter(
    ({ value }) => value !== null && Number.isFinite(value),
  );
}

/** One row per window in which the device had anything; a device that is no grid unit has none. */
async function gridRows(parts: FacadeParts, device: Device, interval: keyof typeof windows, days: number) {
  const specs = device.package.parameters.filter(({ bindings }) => gridMetrics.has(bindings.json?.address ?? ""));
  if (specs.length === 0) return [];
  const end = parts.fleet.clock.now();
  const widest = Math.ceil((days * dayMs) / maxWindows / windows.daily.windowMs) * windows.daily.windowMs;
  const windowMs = Math.max(windows[interval].windowMs, widest);
  const start = Math.floor((end - days * dayMs) / windowMs) * windowMs;
  const rows = new Map<EpochMs, Record<string, string | number>>();
  for (const spec of specs) {
    for (const { time, value } of await averages(parts, device, spec, { start, end, windowMs })) {
      const row = rows.get(time) ?? { device: device.id, timestamp: isoOf(time) };
      row[spec.bindings.json?.address ?? spec.name] = value;
      rows.set(time, row);
    }
  }
  return [...rows].toSorted(([a], [b]) => a - b).map(([, row]) => row);
}

interface Windows {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly windowMs: number;
}

/** The windows that hold any good data, with their averages. */
async function averages(
  { history }: FacadeParts,
  device: Device,
  spec: ParameterSpec,
  { start, end, windowMs }: Windows,
) {
  const aggregate: AggregateName = "Average";
  const { times, values } = await history.processed({
    device: device.id,
    parameter: spec.name,
    aggregate,
    startTime: start,
    endTime: end,
    processingIntervalMs: windowMs,
    stepped: false,
    configuration: defaultAggregateConfiguration,
  });
  return Array.from(times, (time, i) => ({ time, value: values[i] ?? Number.NaN })).filter(({ value }) =>
    Number.isFinite(value),
  );
}
