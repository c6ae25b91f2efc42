import { Type } from "typebox";
import type { Alarm, EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { EpochMs } from "#model/ids.ts";
import { deviceId } from "#model/ids.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { isoOf, maybeIsoOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { legacyTypeOf } from "./legacy-device.ts";

const tags = ["legacy"];
const config = { action: "alarm.read", isLegacy: true } as const;
const acknowledge = { action: "alarm.acknowledge", isLegacy: true } as const;
const maxAlarms = 100;
const maxHistory = 1_000;

const historyQuery = Type.Object({
  start_time: Type.Optional(Type.String({ format: "date-time" })),
  end_time: Type.Optional(Type.String({ format: "date-time" })),
  device_id: Type.Optional(Type.String({ maxLength: 64 })),
  severity: Type.Optional(Type.Enum(["critical", "high", "medium", "low"])),
});

/** Alarms in the shapes of the legacy platforms. */
export function legacyAlarmRoutes(app: Api, { fleet, events }: FacadeParts): void {
  const { alarms, shelf, clock } = fleet;
  app.get("/api/alarms", { config, schema: { tags, summary: "Active and acknowledged alarms, newest first" } }, () => {
    const all = [...alarms.retained()].sort((a, b) => (b.state.activeAt ?? 0) - (a.state.activeAt ?? 0));
    const active = all.filter(({ state }) => state.active);
    const count = (word: string): number => active.filter(({ state }) => severityWord(state.severity) === word).length;
    const midnight = clock.now() - (clock.now() % 86_400_000);
    const counts = {
      total_alarms: all.length,
      active_alarms: active.length,
      critical_alarms: count("critical"),
      high_alarms: count("high"),
      alarms_today: all.filter(({ state }) => (state.activeAt ?? 0) >= midnight).length,
    };
    const shown = all.slice(0, maxAlarms).map(alarmOf);
    return { success: true, alarms: shown, counts, total: shown.length };
  });
  app.get("/api/alarms/rules", { config, schema: { tags, summary: "The rules of the packages" } }, () => {
    const rules = [...shelf.all()].flatMap((pkg) =>
      pkg.alarms.map((spec) => ruleOf(spec, pkg.detection.declaredTypes[0] ?? pkg.typeName)),
    );
    return { success: true, rules, total: rules.length };
  });
  app.get(
    "/api/alarms/history",
    { config, schema: { tags, summary: "Alarms that became active", querystring: historyQuery } },
    async ({ query }) => {
      const { start_time: from, end_time: to, device_id: device, severity } = query;
      const page = await events.read({
        device: device === undefined ? undefined : deviceId(device),
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
        reverse: true,
        limit: maxHistory,
      });
      const shown = page.events
        .filter(({ kind }) => kind === "active")
        .map(historicOf)
        .filter((alarm) => severity === undefined || alarm.severity === severity);
      return { success: true, alarms: shown, total: shown.length };
    },
  );
  app.post(
    "/api/alarms/acknowledge-all",
    { config: acknowledge, schema: { tags, summary: "Acknowledge all" } },
    (request) => {
      const open = [...alarms.retained()].filter(({ state }) => !state.acknowledged);
      for (const { id } of open) alarms.acknowledge(id, principalOf(request), "");
      return { success: true, message: `${open.length} alarms acknowledged`, count: open.length };
    },
  );
  const params = Type.Object({
    "*": Type.String({ minLength: 3, maxLength: 300, description: "Id, then /acknowledge" }),
  });
  app.post(
    "/api/alarms/*",
    { config: acknowledge, schema: { tags, summary: "Acknowledge one: /api/alarms/{id}/acknowledge", params } },
    (request) => {
      const id = request.params["*"].replace(/\/acknowledge$/, "");
      alarms.acknowledge(id, principalOf(request), "");
      return { success: true, message: `${id} acknowledged` };
    },
  );
}

function severityWord(severity: number): "critical" | "high" | "medium" | "low" {
  if (severity > 800) return "critical";
  return severity > 600 ? "high" : severity > 300 ? "medium" : "low";
}

interface Told {
  readonly id: string;
  readonly spec: AlarmSpec;
  readonly state: AlarmState;
  readonly device: string | null;
  readonly type: string | null;
  readonly at: EpochMs | undefined;
}

function alarmOf({ id, device, spec, state }: Alarm) {
  const type = device === undefined ? null : legacyTypeOf(device);
  return toldOf({ id, spec, state, device: device?.id ?? null, type, at: state.activeAt });
}

function toldOf({ id, spec, state, device, type, at }: Told) {
  return {
    id,
    alarm_type: spec.displayName,
    device_id: device,
    device_type: type,
    severity: severityWord(state.severity),
    status: state.active ? (state.acknowledged ? "acknowledged" : "active") : "resolved",
    triggered_at: maybeIsoOf(at),
    alarm_message: state.message,
    alarm_data: {},
    acknowledged_at: maybeIsoOf(state.acknowledgedAt),
    acknowledged_by: state.acknowledged ? (state.comment?.user ?? null) : null,
    resolved_at: state.active ? null : maybeIsoOf(state.clearedAt),
    rule_name: spec.name,
    priority: state.severity > 800 ? 1 : state.severity > 600 ? 2 : state.severity > 300 ? 3 : 4,
  };
}

function historicOf({ eventId, device, alarm, at, name, severity, message }: EventRecord) {
  return {
    id: eventId,
    alarm_type: alarm?.spec.displayName ?? name,
    device_id: device ?? null,
    severity: severityWord(severity),
    status: "active",
    triggered_at: isoOf(at),
    alarm_message: message,
    rule_name: name,
  };
}

function ruleOf(spec: AlarmSpec, deviceType: string) {
  return {
    id: spec.name,
    rule_name: spec.displayName,
    description: spec.description,
    is_active: true,
    priority: spec.severity > 800 ? 1 : spec.severity > 600 ? 2 : spec.severity > 300 ? 3 : 4,
    device_type: deviceType,
    category_name: spec.category,
    severity_level: severityWord(spec.severity),
    condition_count: 1,
    conditions: [{ condition_order: 1, expression: spec.when.text, description: spec.message }],
  };
}
