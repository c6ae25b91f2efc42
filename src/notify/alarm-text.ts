import type { EventRecord } from "#fleet/alarms/ports.ts";
import { ruleActions } from "#fleet/alarms/rules/rule-definition.ts";

/** What the receivers of a notification need to know of the fleet. */
export interface AlarmTextParts {
  /** The type that a device declares, e.g. `smart_breaker`. */
  readonly deviceTypeOf: (device: string) => string;
  /** Number of the rule that people wrote; undefined for alarms of packages and of the host. */
  readonly ruleIdOf: (name: string) => number | undefined;
}

const statuses: Readonly<Partial<Record<EventRecord["kind"], string>>> = {
  active: "active",
  cleared: "resolved",
  acknowledged: "acknowledged",
  shelved: "suppressed",
  suppressed: "suppressed",
  "out-of-service": "suppressed",
  unshelved: "active",
  unsuppressed: "active",
  "in-service": "active",
};

const ruleActionNames: ReadonlySet<string> = new Set(ruleActions);

/**
 * What an event says to `channel`, as JSON of the platforms before (docs/alarms.md) with its event id; undefined when it is
 * nothing to be told: no alarm, a summary of health, an alarm that people do not want to hear of, or a rule whose actions
 * do not name the channel.
 */
export function alarmText(
  event: EventRecord,
  channel: "publish_alarm" | "send_notification",
  parts: AlarmTextParts,
): { readonly body: string; readonly topic: string | undefined } | undefined {
  const { alarm, kind } = event;
  const status = statuses[kind];
  if (alarm === undefined || status === undefined || alarm.spec.category === "Health") return undefined;
  const { spec, state } = alarm;
  const isQuiet = state.shelving !== "unshelved" || state.suppressed || state.outOfService;
  if (isQuiet && status !== "suppressed") return undefined;
  if (status === "active" && !state.active) return undefined;
  const ruled = spec.actions.filter(({ type }) => ruleActionNames.has(type));
  const action = ruled.find(({ type }) => type === channel);
  if (ruled.length > 0 && action === undefined) return undefined;
  const topic = action === undefined || action.name === channel ? undefined : action.name;
  return { body: JSON.stringify(bodyOf(event, status, parts)), topic };
}

function bodyOf(event: EventRecord, status: string, { deviceTypeOf, ruleIdOf }: AlarmTextParts): object {
  const { alarm, device, name, severity, message, user, eventId } = event;
  return {
    alarm_type: name,
    device_id: device ?? "Server",
    device_type: device === undefined ? "host" : deviceTypeOf(device),
    severity: severityWord(severity),
    status,
    triggered_at: microseconds(alarm?.state.activeAt ?? event.at),
    alarm_message: message,
    alarm_data: {
      severity,
      condition: alarm?.spec.when.text ?? "",
      category: alarm?.spec.category ?? "",
      remedy: alarm?.spec.remedy ?? "",
      ...(user === undefined ? {} : { user }),
      ...(alarm?.state.comment === undefined ? {} : { comment: alarm.state.comment.text }),
    },
    rule_id: ruleIdOf(name) ?? null,
    event_id: eventId,
    event_at: microseconds(event.at),
  };
}

/** Critical 1000, high 800, medium 500, low 200, and what lies between. */
function severityWord(severity: number): string {
  if (severity >= 900) return "critical";
  if (severity >= 700) return "high";
  return severity >= 400 ? "medium" : "low";
}

/** `2026-03-09T08:10:00.000000Z`, as those platforms write times. */
function microseconds(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}
