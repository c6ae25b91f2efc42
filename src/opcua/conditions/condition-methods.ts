import {
  type AddressSpace,
  type CallMethodRequest,
  type CallMethodResultOptions,
  type ISessionContext,
  LocalizedText,
  PermissionType,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type Variant,
  verifyArguments_ArgumentList,
} from "node-opcua";
import type { AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, InternalError } from "#model/errors.ts";
import type { AuditEvents, ConditionAudit } from "#opcua/audit-events.ts";
import { isObjectNode, isObjectTypeNode } from "#opcua/engine/node-guards.ts";
import { alarmIdOf } from "#opcua/events/condition-id.ts";
import { statusCodeOf } from "#opcua/status.ts";

export interface ConditionMethodsParts {
  readonly board: AlarmBoard;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly log: Logger;
}

/** One call, arguments read. */
interface Deed {
  readonly board: AlarmBoard;
  readonly id: string;
  readonly by: Principal;
  readonly inputs: readonly Variant[];
}

interface ConditionMethod {
  readonly audit: ConditionAudit["type"];
  readonly run: (deed: Deed) => void;
}

const comment = ({ inputs }: Deed, place: number): string | undefined => {
  const value: unknown = inputs[place]?.value;
  return value instanceof LocalizedText ? (value.text ?? "") : undefined;
};

/** The event that the user saw; an empty one names none, which no alarm has. */
const eventId = ({ inputs }: Deed): string => {
  const value: unknown = inputs[0]?.value;
  return Buffer.isBuffer(value) ? value.toString("hex") : "";
};

const enabling = (enabled: boolean): ConditionMethod => ({
  audit: "AuditConditionEnableEventType",
  run: ({ board, id, by }) => board.setEnabled(id, enabled, by),
});
const suppression = (suppressed: boolean): ConditionMethod => ({
  audit: "AuditConditionSuppressionEventType",
  run: (deed) => deed.board.setSuppressed(deed.id, suppressed, deed.by, comment(deed, 0)),
});
const service = (outOfService: boolean): ConditionMethod => ({
  audit: "AuditConditionOutOfServiceEventType",
  run: (deed) => deed.board.setOutOfService(deed.id, outOfService, deed.by, comment(deed, 0)),
});
const reset: ConditionMethod = {
  audit: "AuditConditionResetEventType",
  run: (deed) => deed.board.reset(deed.id, deed.by, comment(deed, 0)),
};
const timedShelve: ConditionMethod = {
  audit: "AuditConditionShelvingEventType",
  run: (deed) => deed.board.shelve(deed.id, Number(deed.inputs[0]?.value), deed.by, comment(deed, 1)),
};
const oneShotShelve: ConditionMethod = {
  audit: "AuditConditionShelvingEventType",
  run: (deed) => deed.board.shelve(deed.id, undefined, deed.by, comment(deed, 0)),
};
const unshelve: ConditionMethod = {
  audit: "AuditConditionShelvingEventType",
  run: (deed) => deed.board.unshelve(deed.id, deed.by, comment(deed, 0)),
};

/** Methods of OPC 10000-9 (5.5 to 5.8) by browse name; those that end with 2 take a comment, too. */
const conditionMethods: ReadonlyMap<string, ConditionMethod> = new Map([
  ["Enable", enabling(true)],
  ["Disable", enabling(false)],
  [
    "AddComment",
    {
      audit: "AuditConditionCommentEventType",
      run: (deed) => deed.board.comment(deed.id, deed.by, comment(deed, 1) ?? "", eventId(deed)),
    },
  ],
  [
    "Acknowledge",
    {
      audit: "AuditConditionAcknowledgeEventType",
      run: (deed) => deed.board.acknowledge(deed.id, deed.by, comment(deed, 1) ?? "", eventId(deed)),
    },
  ],
  [
    "Confirm",
    {
      audit: "AuditConditionConfirmEventType",
      run: (deed) => deed.board.confirm(deed.id, deed.by, comment(deed, 1) ?? "", eventId(deed)),
    },
  ],
  ["Suppress", suppression(true)],
  ["Suppress2", suppression(true)],
  ["Unsuppress", suppression(false)],
  ["Unsuppress2", suppression(false)],
  ["RemoveFromService", service(true)],
  ["RemoveFromService2", service(true)],
  ["PlaceInService", service(false)],
  ["PlaceInService2", service(false)],
  ["Reset", reset],
  ["Reset2", reset],
  ["TimedShelve", timedShelve],
  ["TimedShelve2", timedShelve],
  ["OneShotShelve", oneShotShelve],
  ["OneShotShelve2", oneShotShelve],
  ["Unshelve", unshelve],
  ["Unshelve2", unshelve],
]);

const ownerTypes = ["ConditionType", "AcknowledgeableConditionType", "AlarmConditionType", "ShelvedStateMachineType"];

interface BoundMethod extends ConditionMethod {
  readonly name: string;
  readonly node: UAMethod;
}

type MethodResult = CallMethodResultOptions & { readonly statusText?: string };

/**
 * Calls on alarms. Alarms are no nodes: the ObjectId of a call is the ConditionId, the MethodId that of the method of the
 * type (OPC 10000-9, 5.5.4 and the like: servers shall allow it).
 */
export class ConditionMethods {
  readonly #addressSpace: AddressSpace;
  readonly #parts: ConditionMethodsParts;
  /** By the text of the NodeId. */
  readonly #methods = new Map<string, BoundMethod>();

  constructor(addressSpace: AddressSpace, parts: ConditionMethodsParts) {
    this.#addressSpace = addressSpace;
    this.#parts = parts;
    for (const typeName of ownerTypes) {
      const type = addressSpace.findObjectType(typeName);
      if (!isObjectTypeNode(type)) throw new InternalError(`${typeName} is not in the address space`);
      const shelving = type.getComponentByName("ShelvingState");
      this.#bind(type.getMethods());
      if (isObjectNode(shelving)) this.#bind(shelving.getMethods());
    }
  }

  /** Answers a call on an alarm; undefined when its object is none. */
  call(context: ISessionContext, request: CallMethodRequest): MethodResult | undefined {
    const named = alarmIdOf(request.objectId);
    if (named === undefined || this.#addressSpace.findNode(request.objectId) !== null) return undefined;
    const id = this.#idOf(named);
    if (id === undefined) return { statusCode: StatusCodes.BadNodeIdUnknown };
    const method = this.#methods.get(request.methodId.toString());
    if (method === undefined) return { statusCode: StatusCodes.BadMethodInvalid };
    const inputs = request.inputArguments ?? [];
    const checked = verifyArguments_ArgumentList(this.#addressSpace, method.node.getInputArguments(), inputs);
    if (checked.statusCode.isNotGood()) return checked;
    if (!context.checkPermission(method.node, PermissionType.Call)) {
      return { statusCode: StatusCodes.BadUserAccessDenied };
    }
    return this.#run(context, request, { method, id, inputs });
  }

  /** An alarm, or the ShelvingState of one (OPC 10000-9, 5.8.17.4). */
  #idOf(named: string): string | undefined {
    const { board } = this.#parts;
    const owner = named.replace(/\/ShelvingState$/, "");
    return [named, owner].find((id) => board.find(id) !== undefined);
  }

  #bind(methods: readonly UAMethod[]): void {
    for (const node of methods) {
      const name = node.browseName.name ?? "";
      const known = conditionMethods.get(name);
      if (known !== undefined) this.#methods.set(node.nodeId.toString(), { ...known, name, node });
    }
  }

  #run(
    context: ISessionContext,
    { objectId, methodId }: CallMethodRequest,
    { method, id, inputs }: { readonly method: BoundMethod; readonly id: string; readonly inputs: readonly Variant[] },
  ): MethodResult {
    const { board, principalOf, events } = this.#parts;
    const deed: Deed = { board, id, by: principalOf(context), inputs };
    const { statusCode, message } = this.#outcome(method, deed);
    const said = comment(deed, 0) ?? comment(deed, 1);
    const first: unknown = inputs[0]?.value;
    const shelvingMs = typeof first === "number" ? first : undefined;
    events.methodCalled({
      context,
      objectId,
      methodId,
      inputs,
      outputs: [],
      statusCode,
      message: `${method.name} of ${id}: ${message}`,
      condition: { type: method.audit, method: method.name, eventId: eventId(deed), comment: said, shelvingMs },
    });
    return statusCode.isGood() ? { statusCode, outputArguments: [] } : { statusCode, statusText: message };
  }

  #outcome(method: BoundMethod, deed: Deed): { readonly statusCode: StatusCode; readonly message: string } {
    try {
      method.run(deed);
      return { statusCode: StatusCodes.Good, message: "done" };
    } catch (error) {
      const known = HostError.from(error);
      if (known === undefined) this.#parts.log.error({ err: error, alarm: deed.id }, "a condition method failed");
      // The one code that means two things: it is so already, and nothing can be done to it (OPC 10000-9, 5.5.4).
      const isDisabled = known?.code === "alarm-disabled" && method.name !== "Disable";
      const statusCode = isDisabled ? StatusCodes.BadConditionDisabled : statusCodeOf(error);
      return { statusCode, message: known?.message ?? "internal error" };
    }
  }
}
