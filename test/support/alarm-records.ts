import type { EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import { deviceId } from "#model/ids.ts";
import { Quality } from "#model/quality.ts";

/** A rule as a package would have it. */
export function alarmSpec(change: Partial<AlarmSpec> = {}): AlarmSpec {
  return {
    name: "Overtemperature",
    displayName: "Overtemperature",
    description: "",
    type: "limit",
    conditionClass: "process",
    severity: 700,
    when: { text: "Temperature > 75" },
    onDelayMs: 0,
    offDelayMs: 0,
    latched: false,
    category: "Maintenance",
    ansi: "26",
    message: "too hot",
    remedy: "Let it cool",
    actions: [],
    ...change,
  };
}

/** An alarm that has just become active. */
export function alarmState(change: Partial<AlarmState> = {}): AlarmState {
  return {
    enabled: true,
    active: true,
    acknowledged: false,
    confirmed: true,
    latched: false,
    shelving: "unshelved",
    shelvedUntil: undefined,
    suppressed: false,
    outOfService: false,
    severity: 700,
    lastSeverity: 0,
    quality: Quality.good,
    message: "81 degC is too hot",
    comment: undefined,
    firstUp: false,
    activeAt: 1_000,
    clearedAt: undefined,
    acknowledgedAt: undefined,
    changedAt: 1_000,
    eventId: "00112233445566778899aabbccddeeff",
    ...change,
  };
}

/** The event of an alarm of CB-0001. */
export function alarmRecord(
  spec: Partial<AlarmSpec> = {},
  state: Partial<AlarmState> = {},
  change: Partial<EventRecord> = {},
): EventRecord {
  const alarm = { spec: alarmSpec(spec), state: alarmState(state) };
  return {
    eventId: alarm.state.eventId,
    kind: "active",
    at: alarm.state.changedAt,
    receivedAt: alarm.state.changedAt + 5,
    device: deviceId("CB-0001"),
    name: alarm.spec.name,
    severity: alarm.state.severity,
    message: alarm.state.message,
    user: undefined,
    alarm,
    fields: {},
    ...change,
  };
}

/** What a breaker told of its trip. */
export function deviceEvent(fields: EventRecord["fields"] = {}): EventRecord {
  return alarmRecord(
    {},
    {},
    { kind: "device-event", name: "breaker_trip", message: "it tripped", alarm: undefined, fields },
  );
}
