import { Type } from "typebox";
import type { Alarm, AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { deviceId } from "#model/ids.ts";
import type { FacadeParts } from "#rest/parts.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { alarmOf, historicAlarmsOf, ruleOf, severityWord } from "./legacy-alarm-shapes.ts";
import { legacyTypeOf } from "./legacy-device.ts";

const tags = ["legacy"];
const config = { action: "alarm.read", isLegacy: true } as const;
const acknowledge = { action: "alarm.acknowledge", isLegacy: true } as const;
const maxAlarms = 100;
const maxHistory = 1_000;
/** Events behind them: an alarm has several. */
const maxEvents = 5_000;

const historyQuery = Type.Object({
  start_time: Type.Optional(Type.String({ format: "date-time" })),
  end_time: Type.Optional(Type.String({ format: "date-time" })),
  device_id: Type.Optional(Type.String({ maxLength: 64 })),
  severity: Type.Optional(Type.Enum(["critical", "high", "medium", "low"])),
  status: Type.Optional(Type.Enum(["active", "acknowledged", "resolved"])),
});

/** Alarms in the shapes of the legacy platforms. */
export function legacyAlarmRoutes(app: Api, { fleet, events }: FacadeParts): void {
  const { alarms, shelf, clock, registry } = fleet;
  const typeOf = (id: string): string | null => {
    const found = registry.find(id);
    return found === undefined ? null : legacyTypeOf(found);
  };
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
      const { start_time: from, end_time: to, device_id: device, severity, status } = query;
      const page = await events.read({
        device: device === undefined ? undefined : deviceId(device),
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
        reverse: true,
        limit: maxEvents,
      });
      const shown = historicAlarmsOf(page.events, typeOf)
        .filter((alarm) => severity === undefined || alarm.severity === severity)
        .filter((alarm) => status === undefined || alarm.status === status)
        .slice(0, maxHistory);
      return { success: true, alarms: shown, total: shown.length };
    },
  );
  actionRoutes(app, alarms);
}

function actionRoutes(app: Api, alarms: AlarmBoard): void {
  app.post(
    "/api/alarms/acknowledge-all",
    { config: acknowledge, schema: { tags, summary: "Acknowledge all" } },
    (request) => {
      const count = acknowledgeEach(alarms, principalOf(request), () => true);
      return { success: true, message: `${count} alarms acknowledged`, count };
    },
  );
  app.post(
    "/api/alarms/clear-resolved",
    { config: acknowledge, schema: { tags, summary: "Acknowledge those whose cause has gone: they leave the list" } },
    (request) => {
      const count = acknowledgeEach(alarms, principalOf(request), ({ state }) => !state.active);
      return { success: true, message: `${count} alarms cleared`, count };
    },
  );
  const params = Type.Object({
    "*": Type.String({ minLength: 3, maxLength: 300, description: "Id, then /acknowledge or /resolve" }),
  });
  app.post(
    "/api/alarms/*",
    {
      config: acknowledge,
      schema: { tags, summary: "/api/alarms/{id}/acknowledge, /api/alarms/{id}/resolve", params },
    },
    (request) => {
      const [, id, action] = /^(.+)\/(acknowledge|resolve)$/.exec(request.params["*"]) ?? [];
      if (id === undefined)
        throw new HostError("argument-invalid", "expected /api/alarms/{id}/acknowledge or .../resolve");
      const by = principalOf(request);
      if (action === "acknowledge") alarms.acknowledge(id, by, "");
      else resolve(alarms, id, by);
      return { success: true, message: `${id} ${action === "acknowledge" ? "acknowledged" : "resolved"}` };
    },
  );
}

/** Acknowledges what can be; gives how many. */
function acknowledgeEach(alarms: AlarmBoard, by: Principal, isMeant: (alarm: Alarm) => boolean): number {
  const open = [...alarms.retained()].filter((alarm) => !alarm.state.acknowledged && isMeant(alarm));
  for (const { id } of open) alarms.acknowledge(id, by, "");
  return open.length;
}

/**
 * Does what people can do to end an alarm: acknowledges and confirms it, and resets it when it is latched. Throws
 * `alarm-state` while its cause is there, because only that ends it.
 */
function resolve(alarms: AlarmBoard, id: string, by: Principal): void {
  const alarm = alarms.find(id);
  if (alarm === undefined)
    throw new HostError("alarm-unknown", `there is no alarm ${JSON.stringify(id.slice(0, 120))}`);
  const { active, latched, acknowledged, confirmed } = alarm.state;
  if (active && !latched) {
    throw new HostError("alarm-state", `${id} is active: it is resolved by itself once its cause has gone`);
  }
  if (!acknowledged) alarms.acknowledge(id, by, "");
  if (!confirmed) alarms.confirm(id, by, "");
  if (latched) alarms.reset(id, by);
}
