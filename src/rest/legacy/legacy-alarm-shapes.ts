import type { Alarm, EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { EpochMs } from "#model/ids.ts";
import { maybeIsoOf } from "#rest/schemas/common.ts";
import { legacyTypeOf } from "./legacy-device.ts";

/** The word of the legacy platforms for a severity of 1 to 1000. */
export function severityWord(severity: number): "critical" | "high" | "medium" | "low" {
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

/** An alarm as it is. */
export function alarmOf({ id, device, spec, state }: Alarm) {
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
    // Its comment tells who it was, unless somebody else has commented since.
    acknowledged_by: isOfAcknowledgement(state) ? (state.comment?.user ?? null) : null,
    resolved_at: state.active ? null : maybeIsoOf(state.clearedAt),
    rule_name: spec.name,
    priority: state.severity > 800 ? 1 : state.severity > 600 ? 2 : state.severity > 300 ? 3 : 4,
  };
}

function isOfAcknowledgement({ comment, acknowledgedAt }: AlarmState): boolean {
  return acknowledgedAt !== undefined && comment?.at === acknowledgedAt;
}

/** Alarms of which these events tell, newest first, each as its last event had it; `typeOf` knows the types of devices. */
export function historicAlarmsOf(events: readonly EventRecord[], typeOf: (device: string) => string | null) {
  const found = new Map<string, ReturnType<typeof toldOf>>();
  for (const { eventId, kind, device = null, alarm, name, user } of events) {
    const at = alarm?.state.activeAt;
    if (alarm === undefined || at === undefined) continue;
    const activity = `${device ?? ""}/${name}/${at}`;
    const { spec, state } = alarm;
    const type = device === null ? null : typeOf(device);
    const shown = found.get(activity) ?? toldOf({ id: eventId, spec, state, device, type, at });
    found.set(activity, kind === "acknowledged" ? { ...shown, acknowledged_by: user ?? null } : shown);
  }
  return [...found.values()];
}

/** A rule of a package. */
export function ruleOf(spec: AlarmSpec, deviceType: string) {
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
