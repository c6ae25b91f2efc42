import type { EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import { deviceId } from "#model/ids.ts";

const spec: AlarmSpec = {
  name: "Overtemperature",
  displayName: "Overtemperature",
  description: "",
  type: "limit",
  conditionClass: "process",
  severity: 700,
  when: { text: "Temperature > 80" },
  onDelayMs: 0,
  offDelayMs: 0,
  latched: false,
  category: "thermal",
  message: "{Temperature} °C",
  remedy: "Look",
  actions: [],
};

const state: AlarmState = {
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
  quality: 0,
  message: "81 °C",
  comment: undefined,
  firstUp: true,
  activeAt: 1,
  clearedAt: undefined,
  acknowledgedAt: undefined,
  changedAt: 1,
  eventId: "00",
};

/** Event number `n` of an alarm, at `at`. */
export function testEvent(n: number, at: number, changes: Partial<EventRecord> = {}): EventRecord {
  const eventId = n.toString(16).padStart(32, "0");
  return {
    eventId,
    kind: "active",
    at,
    receivedAt: at,
    device: deviceId("CB-1"),
    name: spec.name,
    severity: 700,
    message: `81 °C, ${n}`,
    user: undefined,
    alarm: { spec, state: { ...state, activeAt: at, changedAt: at, eventId } },
    fields: {},
    ...changes,
  };
}
