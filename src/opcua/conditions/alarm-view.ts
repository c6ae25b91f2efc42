import {
  type AddressSpace,
  type CallMethodRequest,
  type CallMethodResultOptions,
  type ISessionContext,
  PermissionType,
  type UAObject,
} from "node-opcua";
import type { AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { InternalError } from "#model/errors.ts";
import type { DeviceId } from "#model/ids.ts";
import type { AuditEvents } from "#opcua/audit-events.ts";
import { emitEvent, installEventItems } from "#opcua/engine/event-items.ts";
import { isObjectNode } from "#opcua/engine/node-guards.ts";
import type { ConditionTypes } from "#opcua/events/condition-types.ts";
import { EventTypes } from "#opcua/events/event-types.ts";
import { EventRecords } from "#opcua/events/record-fields.ts";
import { AlarmMetrics } from "./alarm-metrics.ts";
import { ConditionMethods } from "./condition-methods.ts";
import { bindConditionRefresh, ConditionRefreshes } from "./condition-refresh.ts";

export interface AlarmViewParts {
  readonly board: AlarmBoard;
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly conditionTypes: ConditionTypes;
  /** The objects on which clients hear of the events of a device, the Server object aside. */
  readonly notifiersOf: (device: Device) => readonly UAObject[];
  /** Whether anonymous sessions may look. */
  readonly showsAll: boolean;
  /** `Objects/Fleet`. */
  readonly fleet: UAObject;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Alarms and conditions (OPC 10000-9) as a view of the fleet's alarms: no node for any of them. */
export class AlarmView {
  /** How events of the fleet look in OPC UA, for whoever else shows them. */
  readonly records: EventRecords;
  readonly types: EventTypes;
  readonly #parts: AlarmViewParts;
  readonly #server: UAObject;
  readonly #methods: ConditionMethods;

  constructor(addressSpace: AddressSpace, parts: AlarmViewParts) {
    this.#parts = parts;
    const { board, conditionTypes, principalOf, events, clock, log } = parts;
    const server = addressSpace.findNode("ns=0;i=2253");
    if (!isObjectNode(server)) throw new InternalError("the address space has no Server object");
    this.#server = server;
    this.records = new EventRecords(addressSpace, {
      conditionTypes,
      numberOf: (device, parameter) => this.#numberOf(device, parameter),
    });
    this.types = new EventTypes(addressSpace);
    this.types.openNamespace(this.records.namespaceIndex);
    installEventItems(addressSpace, this.types, parts.fleet);
    const { records } = this;
    const notifiersOf = (device: DeviceId | undefined): readonly UAObject[] => this.#notifiersOf(device);
    bindConditionRefresh(addressSpace, new ConditionRefreshes({ board, records, notifiersOf, clock, log }));
    this.#methods = new ConditionMethods(addressSpace, { board, principalOf, events, log });
    new AlarmMetrics({ board, clock, showsAll: parts.showsAll }).show(addressSpace, parts.fleet);
    // Costs next to nothing while nobody listens.
    board.onEvent((record) => emitEvent(this.#notifiersOf(record.device), () => records.of(record)));
  }

  /** True when a session may read what happened in the fleet. */
  mayReadHistory(context: ISessionContext): boolean {
    return context.checkPermission(this.#parts.fleet, PermissionType.ReadHistory);
  }

  /** Answers a call on an alarm; undefined when its object is none. */
  call(context: ISessionContext, request: CallMethodRequest): CallMethodResultOptions | undefined {
    return this.#methods.call(context, request);
  }

  #notifiersOf(id: DeviceId | undefined): readonly UAObject[] {
    const device = id === undefined ? undefined : this.#parts.registry.find(id);
    return device === undefined ? [this.#server] : [this.#server, ...this.#parts.notifiersOf(device)];
  }

  #numberOf(id: DeviceId, parameter: string): number | undefined {
    const { registry, live } = this.#parts;
    const device = registry.find(id);
    const spec = device?.package.parameterByName.get(parameter);
    const value = device === undefined || spec === undefined ? undefined : live.get(device, spec).value;
    return typeof value === "number" ? value : undefined;
  }
}
