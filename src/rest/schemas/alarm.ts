import { type Static, Type } from "typebox";
import { type EventRecord, eventKinds, type Alarm as FleetAlarm } from "#fleet/alarms/ports.ts";
import { alarmTypes, conditionClasses } from "#model/alarm-spec.ts";
import { shelvings } from "#model/alarm-state.ts";
import { isoOf, JsonValue, MaybeTime, maybeIsoOf, nullable, paging, strict, Time } from "./common.ts";

const Comment = Type.Object({ text: Type.String(), user: Type.String(), at: Time });

export const Alarm = Type.Object({
  id: Type.String({ description: "`CB-0001/Overtemperature`; of the host itself `Server/...`" }),
  device: nullable(Type.String()),
  name: Type.String(),
  displayName: Type.String(),
  category: Type.String(),
  type: Type.Enum([...alarmTypes]),
  message: Type.String(),
  remedy: Type.String(),
  severity: Type.Integer(),
  active: Type.Boolean(),
  acknowledged: Type.Boolean(),
  confirmed: Type.Boolean(),
  latched: Type.Boolean(),
  enabled: Type.Boolean(),
  shelving: Type.Enum([...shelvings]),
  shelvedUntil: MaybeTime,
  suppressed: Type.Boolean(),
  outOfService: Type.Boolean(),
  firstUp: Type.Boolean(),
  comment: nullable(Comment),
  activeAt: MaybeTime,
  clearedAt: MaybeTime,
  acknowledgedAt: MaybeTime,
  changedAt: MaybeTime,
  eventId: Type.String({ description: "Names this very state, for Acknowledge" }),
});

export const alarmViews = ["retained", "active", "unacknowledged", "shelved", "suppressed", "all"] as const;

export const alarmQuery = Type.Object(
  {
    device: Type.Optional(Type.String({ maxLength: 64 })),
    show: Type.Enum([...alarmViews], {
      default: "retained",
      description: "retained: what an operator should see; all: every alarm of the device, which must be given",
    }),
    minSeverity: Type.Integer({ minimum: 1, maximum: 1_000, default: 1 }),
    search: Type.Optional(Type.String({ maxLength: 100, description: "Part of id or message" })),
    sort: Type.Enum(["severity", "changedAt", "id"], {
      default: "severity",
      description: "severity and time: highest first",
    }),
    ...paging,
  },
  strict,
);

export const Event = Type.Object({
  eventId: Type.String(),
  kind: Type.Enum([...eventKinds]),
  at: Time,
  receivedAt: Time,
  device: nullable(Type.String()),
  name: Type.String(),
  severity: Type.Integer(),
  message: Type.String(),
  user: nullable(Type.String()),
  active: nullable(Type.Boolean()),
  acknowledged: nullable(Type.Boolean()),
  fields: Type.Record(Type.String(), JsonValue),
});

export const eventQuery = Type.Object(
  {
    device: Type.Optional(Type.String({ maxLength: 64 })),
    from: Type.Optional(Type.String({ format: "date-time" })),
    to: Type.Optional(Type.String({ format: "date-time" })),
    order: Type.Enum(["asc", "desc"], { default: "desc" }),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
    after: Type.Optional(Type.String({ maxLength: 200, description: "`next` of the page before" })),
  },
  strict,
);

export const EventPage = Type.Object({ items: Type.Array(Event), next: nullable(Type.String()) });

export const AlarmRule = Type.Object({
  package: Type.String(),
  name: Type.String(),
  displayName: Type.String(),
  description: Type.String(),
  type: Type.Enum([...alarmTypes]),
  class: Type.Enum([...conditionClasses]),
  category: Type.String(),
  severity: Type.Integer(),
  when: Type.String(),
  clearWhen: nullable(Type.String()),
  onDelayMs: Type.Number(),
  offDelayMs: Type.Number(),
  latched: Type.Boolean(),
  message: Type.String(),
  remedy: Type.String(),
});

const ids = Type.Array(Type.String({ minLength: 3, maxLength: 300 }), { minItems: 1, maxItems: 1_000 });
const comment = Type.String({ maxLength: 1_000, default: "" });

export const alarmIdsBody = Type.Object({ ids, comment }, strict);
export const shelveBody = Type.Object(
  { ids, comment, forMs: Type.Optional(Type.Number({ minimum: 1, description: "Absent: until it has gone once" })) },
  strict,
);

export const AlarmResults = Type.Object({
  done: Type.Integer(),
  failed: Type.Array(Type.Object({ id: Type.String(), code: Type.String(), message: Type.String() })),
});

/** An alarm as the API shows it. */
export function alarmJsonOf({ id, device, spec, state }: FleetAlarm): Static<typeof Alarm> {
  const { eventId, severity, message, shelving, enabled, active, acknowledged, confirmed, latched } = state;
  const { comment: said, suppressed, outOfService, firstUp } = state;
  return {
    id,
    device: device?.id ?? null,
    name: spec.name,
    displayName: spec.displayName,
    category: spec.category,
    type: spec.type,
    message,
    remedy: spec.remedy,
    severity,
    active,
    acknowledged,
    confirmed,
    latched,
    enabled,
    shelving,
    shelvedUntil: maybeIsoOf(state.shelvedUntil),
    suppressed,
    outOfService,
    firstUp,
    comment: said === undefined ? null : { text: said.text, user: said.user, at: isoOf(said.at) },
    activeAt: maybeIsoOf(state.activeAt),
    clearedAt: maybeIsoOf(state.clearedAt),
    acknowledgedAt: maybeIsoOf(state.acknowledgedAt),
    changedAt: state.changedAt === 0 ? null : isoOf(state.changedAt),
    eventId,
  };
}

/** An event as the API shows it. */
export function eventJsonOf({
  at,
  receivedAt,
  device,
  user,
  alarm,
  fields,
  ...event
}: EventRecord): Static<typeof Event> {
  const shown = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === "bigint" ? String(value) : value] as const,
  );
  return {
    ...event,
    at: isoOf(at),
    receivedAt: isoOf(receivedAt),
    device: device ?? null,
    user: user ?? null,
    active: alarm?.state.active ?? null,
    acknowledged: alarm?.state.acknowledged ?? null,
    fields: Object.fromEntries(shown),
  };
}
