import { type Static, Type } from "typebox";
import type { NamedAction } from "#fleet/access/action.ts";
import type { AlarmBoard, Alarm as FleetAlarm } from "#fleet/alarms/ports.ts";
import type { Principal } from "#model/command.ts";
import { packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { deviceId } from "#model/ids.ts";
import type { FacadeParts } from "#rest/parts.ts";
import {
  Alarm,
  AlarmResults,
  AlarmRule,
  alarmIdsBody,
  alarmJsonOf,
  alarmQuery,
  EventPage,
  eventJsonOf,
  eventQuery,
  shelveBody,
} from "#rest/schemas/alarm.ts";
import { failures, pageOf } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";

const tags = ["alarms"];
const config = { action: "alarm.read" } as const;

/** Alarms: the list, what people do with them, the journal and the rules. */
export function alarmRoutes(app: Api, { fleet, events }: Pick<FacadeParts, "fleet" | "events">): void {
  const { alarms, shelf } = fleet;
  app.get(
    "/alarms",
    {
      config,
      schema: {
        tags,
        summary: "Alarms, filtered, sorted, a page at a time",
        querystring: alarmQuery,
        response: { 200: pageOf(Alarm), ...failures },
      },
    },
    ({ query }) => alarmPage(fleet, query),
  );
  app.get(
    "/alarms/rules",
    {
      config,
      schema: {
        tags,
        summary: "The rules that the packages bring",
        response: { 200: Type.Object({ items: Type.Array(AlarmRule) }), ...failures },
      },
    },
    () => ({
      items: [...shelf.all()].flatMap((pkg) => pkg.alarms.map((spec) => ruleOf(packageKey(pkg), spec))),
    }),
  );
  app.get(
    "/events",
    {
      config,
      schema: {
        tags,
        summary: "The journal: every change of an alarm and every event of a device",
        querystring: eventQuery,
        response: { 200: EventPage, ...failures },
      },
    },
    async ({ query: { device, from, to, order, limit, after } }) => {
      const page = await events.read({
        device: device === undefined ? undefined : deviceId(device),
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
        reverse: order === "desc",
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.events.map(eventJsonOf), next: page.next ?? null };
    },
  );
  actionRoutes(app, alarms);
}

type Act = (id: string, by: Principal, comment: string) => void;

function actionRoutes(app: Api, alarms: AlarmBoard): void {
  const does: readonly [string, NamedAction, string, Act][] = [
    ["acknowledge", "alarm.acknowledge", "Acknowledge", (id, by, comment) => alarms.acknowledge(id, by, comment)],
    ["confirm", "alarm.acknowledge", "Confirm", (id, by, comment) => alarms.confirm(id, by, comment)],
    ["comment", "alarm.comment", "Add a comment", (id, by, comment) => alarms.comment(id, by, comment)],
    ["unshelve", "alarm.shelve", "Take off the shelf", (id, by, comment) => alarms.unshelve(id, by, comment)],
    ["suppress", "alarm.suppress", "Hold back", (id, by, comment) => alarms.setSuppressed(id, true, by, comment)],
    [
      "unsuppress",
      "alarm.suppress",
      "No longer hold back",
      (id, by, comment) => alarms.setSuppressed(id, false, by, comment),
    ],
    [
      "out-of-service",
      "alarm.configure",
      "Take out of service",
      (id, by, comment) => alarms.setOutOfService(id, true, by, comment),
    ],
    [
      "in-service",
      "alarm.configure",
      "Put into service",
      (id, by, comment) => alarms.setOutOfService(id, false, by, comment),
    ],
    ["enable", "alarm.configure", "Enable", (id, by) => alarms.setEnabled(id, true, by)],
    ["disable", "alarm.configure", "Disable", (id, by) => alarms.setEnabled(id, false, by)],
    ["reset", "alarm.reset", "Reset latched alarms", (id, by, comment) => alarms.reset(id, by, comment)],
  ];
  const response = { 200: AlarmResults, ...failures };
  for (const [verb, action, summary, act] of does) {
    app.post(
      `/alarms/${verb}`,
      { config: { action }, schema: { tags, summary: `${summary}, one alarm or many`, body: alarmIdsBody, response } },
      (request) => forEach(request.body.ids, (id) => act(id, principalOf(request), request.body.comment)),
    );
  }
  app.post(
    "/alarms/shelve",
    {
      config: { action: "alarm.shelve" },
      schema: { tags, summary: "Shelve, one alarm or many", body: shelveBody, response },
    },
    (request) => {
      const { ids, forMs, comment } = request.body;
      return forEach(ids, (id) => alarms.shelve(id, forMs, principalOf(request), comment));
    },
  );
}

/** Does something with each; one that fails stops no other, but a single one fails as such. */
function forEach(ids: readonly string[], act: (id: string) => void): Static<typeof AlarmResults> {
  const failed: Static<typeof AlarmResults>["failed"] = [];
  for (const id of ids) {
    try {
      act(id);
    } catch (error) {
      const known = HostError.from(error);
      if (known === undefined || ids.length === 1) throw error;
      failed.push({ id, code: known.code, message: known.message });
    }
  }
  return { done: ids.length - failed.length, failed };
}

function alarmPage({ alarms, registry }: FacadeParts["fleet"], query: Static<typeof alarmQuery>) {
  const { device: name, show, minSeverity, search, sort, page, pageSize } = query;
  const device = name === undefined || name === "Server" ? undefined : registry.get(name);
  if (show === "all" && name === undefined) throw new HostError("argument-invalid", "show=all needs a device");
  const words = search?.toLowerCase();
  const found = [...(show === "all" ? alarms.of(device) : alarms.retained())].filter(
    (alarm) =>
      (name === undefined || alarm.device === device) &&
      alarm.state.severity >= minSeverity &&
      isShown(alarm, show) &&
      (words === undefined || `${alarm.id} ${alarm.state.message}`.toLowerCase().includes(words)),
  );
  found.sort(orders[sort]);
  const items = found.slice((page - 1) * pageSize, page * pageSize).map(alarmJsonOf);
  return { items, total: found.length, page, pageSize };
}

function isShown({ state }: FleetAlarm, show: Static<typeof alarmQuery>["show"]): boolean {
  switch (show) {
    case "active":
      return state.active;
    case "unacknowledged":
      return !state.acknowledged;
    case "shelved":
      return state.shelving !== "unshelved";
    case "suppressed":
      return state.suppressed || state.outOfService;
    default:
      return true;
  }
}

const byId = (a: FleetAlarm, b: FleetAlarm): number => (a.id < b.id ? -1 : 1);
const orders = {
  id: byId,
  changedAt: (a: FleetAlarm, b: FleetAlarm) => b.state.changedAt - a.state.changedAt || byId(a, b),
  severity: (a: FleetAlarm, b: FleetAlarm) =>
    b.state.severity - a.state.severity || b.state.changedAt - a.state.changedAt || byId(a, b),
};

function ruleOf(key: string, spec: FleetAlarm["spec"]): Static<typeof AlarmRule> {
  const { name, displayName, description, type, category, severity, when, clearWhen } = spec;
  const { onDelayMs, offDelayMs, latched, message, remedy } = spec;
  const about = { package: key, name, displayName, description, type, class: spec.conditionClass, category, severity };
  const rest = { onDelayMs, offDelayMs, latched, message, remedy };
  return { ...about, when: when.text, clearWhen: clearWhen?.text ?? null, ...rest };
}
