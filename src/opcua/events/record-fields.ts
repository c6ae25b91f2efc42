import { type AddressSpace, NodeId, NodeIdType, type Variant } from "node-opcua";
import type { Alarm, EventRecord } from "#fleet/alarms/ports.ts";
import { InternalError } from "#model/errors.ts";
import type { DeviceId } from "#model/ids.ts";
import { breakerTypesUri } from "#opcua/nodesets/breaker-type.ts";
import { type AlarmMoment, alarmFields, detailFields } from "./alarm-fields.ts";
import { conditionIdOf } from "./condition-id.ts";
import type { ConditionTypes } from "./condition-types.ts";
import type { EventFields } from "./event-fields.ts";
import { unknown } from "./operand-value.ts";
import {
  eventIdVariant,
  localizedVariant,
  nodeIdVariant,
  severityVariant,
  standardId,
  textVariant,
  timeVariant,
  valueVariant,
} from "./variants.ts";

/** Numeric ids in the namespace of our own types (nodesets/FdiHost.Breaker.NodeSet2.xml). */
const deviceEventTypeId = 1100;

const serverId = standardId(2253);

/** What events look up beyond themselves. */
export interface FieldSources {
  readonly conditionTypes: ConditionTypes;
  /** Present value of a parameter of a device. */
  readonly numberOf: (device: DeviceId, parameter: string) => number | undefined;
}

/** Shows events of the fleet as OPC UA events: those of the journal and those that happen now. */
export class EventRecords {
  /** Of the fields that no standard type declares. */
  readonly namespaceIndex: number;
  readonly #sources: FieldSources;
  readonly #prefix: string;
  readonly #deviceEventType: NodeId;

  constructor(addressSpace: AddressSpace, sources: FieldSources) {
    this.#sources = sources;
    const index = addressSpace.getNamespaceIndex(breakerTypesUri);
    if (index < 0) throw new InternalError(`namespace ${breakerTypesUri} is not loaded`);
    this.#prefix = `${index}:`;
    this.#deviceEventType = new NodeId(NodeIdType.NUMERIC, deviceEventTypeId, index);
    this.namespaceIndex = index;
  }

  /** An event as it happened. */
  of(record: EventRecord): EventFields {
    return new RecordFields(record, this.#about(record.device, record.alarm, record), this.#prefix);
  }

  /** What an alarm's newest event said: for ConditionRefresh. */
  ofAlarm({ device, spec, state }: Alarm): EventFields {
    const record: EventRecord = {
      eventId: state.eventId,
      kind: "updated",
      at: state.changedAt,
      receivedAt: state.changedAt,
      device: device?.id,
      name: spec.name,
      severity: state.severity,
      message: state.message,
      user: undefined,
      alarm: { spec, state },
      fields: {},
    };
    return this.of(record);
  }

  #about(device: DeviceId | undefined, alarm: EventRecord["alarm"], record: EventRecord): About {
    if (alarm === undefined) return { eventType: this.#deviceEventType, conditionId: undefined, moment: undefined };
    const type = this.#sources.conditionTypes.of(alarm.spec);
    const { numberOf } = this.#sources;
    return {
      eventType: type.eventType,
      conditionId: conditionIdOf(`${device ?? "Server"}/${alarm.spec.name}`),
      moment: {
        ...alarm,
        type,
        at: record.at,
        parameterNode: (parameter) => (device === undefined ? undefined : stringId(`${device}/${parameter}`)),
        numberOf: (parameter) => (device === undefined ? undefined : numberOf(device, parameter)),
      },
    };
  }
}

interface About {
  readonly eventType: NodeId;
  readonly conditionId: NodeId | undefined;
  readonly moment: AlarmMoment | undefined;
}

function stringId(key: string): NodeId {
  return new NodeId(NodeIdType.STRING, key, 1);
}

/** Fields that every event has (OPC 10000-5, 6.4.2). */
const baseFields: ReadonlyMap<string, (event: RecordFields) => Variant> = new Map([
  ["EventId", ({ record }) => eventIdVariant(record.eventId)],
  ["EventType", ({ eventType }) => nodeIdVariant(eventType)],
  ["SourceNode", ({ record }) => nodeIdVariant(record.device === undefined ? serverId : stringId(record.device))],
  ["SourceName", ({ record }) => textVariant(record.device ?? "Server")],
  ["Time", ({ record }) => timeVariant(record.at)],
  ["ReceiveTime", ({ record }) => timeVariant(record.receivedAt)],
  ["Message", ({ record }) => localizedVariant(record.message)],
  ["Severity", ({ record }) => severityVariant(record.severity)],
]);

class RecordFields implements EventFields {
  readonly record: EventRecord;
  readonly eventType: NodeId;
  readonly conditionId: NodeId | undefined;
  readonly #moment: AlarmMoment | undefined;
  readonly #prefix: string;

  constructor(record: EventRecord, { eventType, conditionId, moment }: About, prefix: string) {
    this.record = record;
    this.eventType = eventType;
    this.conditionId = conditionId;
    this.#moment = moment;
    this.#prefix = prefix;
  }

  valueOf(path: string): Variant {
    const base = baseFields.get(path);
    if (base !== undefined) return base(this);
    const moment = this.#moment;
    if (moment !== undefined) {
      const read = alarmFields.get(path);
      if (read !== undefined) return read(moment);
    }
    return path.startsWith(this.#prefix) ? this.#ownField(path.slice(this.#prefix.length)) : unknown;
  }

  /** Details of alarms, and whatever a device put into its event. */
  #ownField(name: string): Variant {
    if (this.#moment !== undefined) return detailFields.get(name)?.(this.#moment) ?? unknown;
    if (name === "EventName") return textVariant(this.record.name);
    const { fields } = this.record;
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return value === undefined ? unknown : valueVariant(value);
  }
}
