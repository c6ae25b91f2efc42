import { Type } from "typebox";
import { presenceStates } from "#fleet/ports.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, isoOf, nullable, Time } from "#rest/schemas/common.ts";
import { SourceTraffic, Traffic } from "#rest/schemas/traffic.ts";
import type { Api } from "#rest/server/api.ts";
import { RequestRefused } from "#rest/status.ts";
import { sourceReport, trafficReport } from "#rest/traffic-report.ts";

const tags = ["system"];
const config = { action: "system.read" } as const;

const Counts = Type.Record(Type.String(), Type.Integer());

const System = Type.Object({
  version: Type.String(),
  startedAt: Time,
  ready: Type.Boolean(),
  parts: Type.Array(Type.Object({ name: Type.String(), ready: Type.Boolean(), detail: Type.String() })),
  devices: Type.Object({ total: Type.Integer(), byPresence: Counts }),
  lag: Type.Object({
    lastS: Type.Number({ description: "Age of the last values when the host had them, seconds" }),
    averageS: nullable(Type.Number()),
    messages: Type.Integer(),
  }),
  commands: Type.Object({ underWay: Type.Integer(), byState: Counts }),
  store: Type.Object({
    accepted: Type.Integer(),
    recovered: Type.Integer(),
    stored: Type.Integer(),
    merged: Type.Integer(),
    queued: Type.Integer(),
    unchanged: Type.Integer(),
    dropped: Counts,
  }),
  journal: Type.Object({ bytes: Type.Integer(), maxBytes: Type.Integer() }),
  events: Type.Object({
    appended: Type.Integer(),
    recovered: Type.Integer(),
    stored: Type.Integer(),
    queued: Type.Integer(),
    dropped: Type.Integer(),
  }),
  notificationsPending: Type.Integer({ description: "Alarm notifications that no receiver has taken yet" }),
  memory: Type.Object({ rssBytes: Type.Integer(), heapUsedBytes: Type.Integer() }),
  warnings: Type.Array(
    Type.Object({ name: Type.String(), device: nullable(Type.String()), since: Time, text: Type.String() }),
  ),
});

/** How the host itself is doing: every number from real traffic. */
export function systemRoutes(app: Api, parts: FacadeParts): void {
  const { traffic } = parts.fleet;
  app.get(
    "/system",
    { config, schema: { tags, summary: "Readiness, counters, lag and store", response: { 200: System, ...failures } } },
    () => systemOf(parts),
  );
  app.get(
    "/system/traffic",
    {
      config,
      schema: {
        tags,
        summary: "Messages in, accepted and rejected by reason",
        response: { 200: Traffic, ...failures },
      },
    },
    () => trafficReport(traffic),
  );
  const params = Type.Object({ "*": Type.String({ minLength: 1, maxLength: 400, description: "Device or topic" }) });
  app.get(
    "/system/traffic/*",
    {
      config,
      schema: { tags, summary: "The same of one source", params, response: { 200: SourceTraffic, ...failures } },
    },
    (request) => {
      const source = request.params["*"];
      const counts = traffic.of(source);
      if (counts !== undefined) return sourceReport(source, counts);
      throw new RequestRefused("thing-unknown", `nothing came from ${JSON.stringify(source.slice(0, 80))}`);
    },
  );
}

function systemOf({ version, startedAt, health, fleet, storeCounters, waiting }: FacadeParts) {
  const parts = health().map(({ name, ready, detail }) => ({ name, ready, detail }));
  const { lastS, sumS, count } = fleet.lag.counts();
  const { rss, heapUsed } = process.memoryUsage();
  const { dropped, ...store } = storeCounters();
  const { journal, events, notifications } = waiting();
  return {
    version,
    startedAt: isoOf(startedAt),
    ready: parts.every(({ ready }) => ready),
    parts,
    devices: {
      total: fleet.registry.size,
      byPresence: Object.fromEntries(presenceStates.map((state) => [state, fleet.presence.count(state)])),
    },
    lag: { lastS, averageS: count === 0 ? null : sumS / count, messages: count },
    commands: { underWay: fleet.commandBook.underWay, byState: Object.fromEntries(fleet.commandBook.counts()) },
    store: { ...store, dropped: { ...dropped } },
    journal: { bytes: journal.bytes, maxBytes: journal.maxBytes },
    events,
    notificationsPending: notifications,
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
    warnings: fleet.control.warnings.all().map(({ name, device, since, text }) => ({
      name,
      device: device?.id ?? null,
      since: isoOf(since),
      text,
    })),
  };
}
