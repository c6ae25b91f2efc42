import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  StatusCodes,
  type UAMethod,
  type UAObject,
  type UAVariable,
  type Variant,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LockStatusCode, Locks } from "#fleet/locks.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { InternalError, messageOf } from "#model/errors.ts";
import type { AuditEvents } from "./audit-events.ts";
import type { DiModel } from "./di-model.ts";
import { updateLive } from "./engine/live-variable.ts";
import { isObjectNode, isVariableNode } from "./engine/node-guards.ts";
import { statusCodeOf } from "./status.ts";

/** Methods of LockingServicesType in the order of the clauses that define them (OPC 10000-100, 7.5 to 7.8). */
export const lockMethodNames = ["InitLock", "RenewLock", "ExitLock", "BreakLock"] as const;
type LockMethod = (typeof lockMethodNames)[number];

/** Properties of LockingServicesType that each device has (OPC 10000-100, 7.2). */
export const lockProperties = [
  { name: "Locked", type: DataType.Boolean, dataType: "i=1", initial: false },
  { name: "LockingClient", type: DataType.String, dataType: "i=12", initial: "" },
  { name: "LockingUser", type: DataType.String, dataType: "i=12", initial: "" },
  // Duration
  { name: "RemainingLockTime", type: DataType.Double, dataType: "i=290", initial: 0 },
] as const;
type LockProperty = (typeof lockProperties)[number]["name"];

export interface LockNodesParts {
  readonly locks: Locks;
  readonly di: DiModel;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The Lock object of one device. */
export interface LockNode {
  readonly object: UAObject;
  readonly properties: Readonly<Record<LockProperty, UAVariable>>;
}

type MethodResult = CallMethodResultOptions & { readonly statusText?: string };

const refreshMs = 1_000;

/** The locks of devices in OPC UA: one Lock object each, with the methods of the DI type itself. */
export class LockNodes implements Disposable {
  /** The type's own Method nodes, which every Lock object refers to. */
  readonly methods: readonly UAMethod[];
  readonly #parts: LockNodesParts;
  readonly #nodes = new Map<Device, LockNode>();
  readonly #deviceOf = new WeakMap<object, Device>();
  readonly #locked = new Set<Device>();
  readonly #refresh: Disposable;

  constructor(parts: LockNodesParts) {
    this.#parts = parts;
    const type = parts.di.deviceType.addressSpace.findObjectType("LockingServicesType", parts.di.namespaceIndex);
    if (type === null) throw new InternalError("the DI NodeSet has no LockingServicesType");
    this.methods = lockMethodNames.map((name) => {
      const method = type.getMethodByName(name, parts.di.namespaceIndex);
      if (method === null) throw new InternalError(`LockingServicesType has no ${name}`);
      this.#bind(method, name);
      return method;
    });
    this.#showMaximum();
    parts.locks.onChange((device) => this.#show(device));
    this.#refresh = every(parts.clock, refreshMs, () => {
      for (const device of this.#locked) this.#show(device);
    });
  }

  add(device: Device, node: LockNode): void {
    this.#nodes.set(device, node);
    this.#deviceOf.set(node.object, device);
    this.#show(device);
  }

  remove(device: Device): void {
    this.#nodes.delete(device);
    this.#locked.delete(device);
  }

  [Symbol.dispose](): void {
    this.#refresh[Symbol.dispose]();
  }

  #bind(method: UAMethod, name: LockMethod): void {
    method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<MethodResult> => {
      const { object } = context;
      const device = isObjectNode(object) ? this.#deviceOf.get(object) : undefined;
      if (device === undefined || !isObjectNode(object)) return { statusCode: StatusCodes.BadMethodInvalid };
      const { log, principalOf, events } = this.#parts;
      const call = { context, objectId: object.nodeId, methodId: method.nodeId, inputs };
      try {
        const purpose: unknown = inputs[0]?.value;
        const status = this.#call(name, device, principalOf(context), typeof purpose === "string" ? purpose : "");
        const outputs = [{ dataType: DataType.Int32, value: status }];
        const statusCode = StatusCodes.Good;
        events.methodCalled({ ...call, outputs, statusCode, message: `${name} of ${device.id}: ${status}` });
        return { statusCode, outputArguments: outputs };
      } catch (error) {
        const statusCode = statusCodeOf(error);
        const message = messageOf(error);
        log.debug({ device: device.id, method: name }, message);
        events.methodCalled({ ...call, outputs: [], statusCode, message });
        return { statusCode, statusText: message };
      }
    });
  }

  #call(name: LockMethod, device: Device, by: Principal, context: string): LockStatusCode {
    const { locks } = this.#parts;
    switch (name) {
      case "InitLock":
        return locks.init(device, by, context);
      case "RenewLock":
        return locks.renew(device, by);
      case "ExitLock":
        return locks.exit(device, by);
      case "BreakLock":
        return locks.break(device, by);
    }
  }

  #show(device: Device): void {
    const node = this.#nodes.get(device);
    if (node === undefined) return;
    const { locks, clock } = this.#parts;
    const lock = locks.of(device);
    if (lock === undefined) this.#locked.delete(device);
    else this.#locked.add(device);
    const values: Record<LockProperty, unknown> = {
      Locked: lock !== undefined,
      LockingClient: lock?.application ?? "",
      LockingUser: lock?.user ?? "",
      RemainingLockTime: Math.round(locks.remainingMs(device)),
    };
    const now = new Date(clock.now());
    for (const { name, type } of lockProperties) {
      const about = { status: StatusCodes.Good, sourceTime: now, serverTime: now };
      updateLive(node.properties[name], { dataType: type, value: values[name], ...about });
    }
  }

  /** MaxInactiveLockTime of ServerCapabilities (OPC 10000-100, 7.4). */
  #showMaximum(): void {
    const { di, locks } = this.#parts;
    const { addressSpace } = di.deviceType;
    const capabilities = addressSpace.findNode("ns=0;i=2268");
    const property = isObjectNode(capabilities)
      ? capabilities.getPropertyByName("MaxInactiveLockTime", di.namespaceIndex)
      : null;
    if (isVariableNode(property))
      property.setValueFromSource({ dataType: DataType.Double, value: locks.maxInactiveMs });
  }
}
