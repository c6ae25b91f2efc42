import {
  type AddressSpace,
  AttributeIds,
  DataType,
  type ISessionContext,
  type NodeId,
  type StatusCode,
  type UAObject,
  Variant,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { isObjectNode } from "./engine/node-guards.ts";

export interface MethodCalled {
  readonly context: ISessionContext;
  /** The object that the method was called on. */
  readonly objectId: NodeId;
  readonly methodId: NodeId;
  readonly inputs: readonly Variant[];
  readonly outputs: readonly VariantOptions[];
  readonly statusCode: StatusCode;
  /** One sentence. */
  readonly message: string;
  /** For calls on alarms. */
  readonly condition?: ConditionAudit;
}

/** What the audit events of alarms say besides (OPC 10000-9, 5.10). */
export interface ConditionAudit {
  readonly type:
    | "AuditConditionEnableEventType"
    | "AuditConditionCommentEventType"
    | "AuditConditionAcknowledgeEventType"
    | "AuditConditionConfirmEventType"
    | "AuditConditionShelvingEventType"
    | "AuditConditionSuppressionEventType"
    | "AuditConditionOutOfServiceEventType"
    | "AuditConditionResetEventType";
  readonly method: string;
  /** Hexadecimal; empty where the method has none. */
  readonly eventId: string;
  readonly comment: string | undefined;
  /** For how long an alarm is shelved, where the method says so. */
  readonly shelvingMs: number | undefined;
}

export interface ParameterWritten {
  readonly context: ISessionContext;
  readonly nodeId: NodeId;
  readonly before: VariantOptions;
  readonly after: VariantOptions;
  readonly statusCode: StatusCode;
  readonly message: string;
}

export interface HistoryChanged {
  readonly context: ISessionContext;
  readonly nodeId: NodeId;
  readonly statusCode: StatusCode;
  readonly message: string;
  /** Subtype of AuditHistoryUpdateEventType, and its own fields. */
  readonly eventType: string;
  readonly fields: Record<string, Variant>;
}

const severity = { done: 100, refused: 500 } as const;

/** Tells auditing clients of calls and writes (OPC 10000-5, 6.4.25 and 6.4.27); costs nothing while none listens. */
export class AuditEvents {
  readonly #server: UAObject;
  readonly #serverId: string;

  /** `serverId`: the ApplicationUri of the server. */
  constructor(addressSpace: AddressSpace, serverId: string) {
    const server = addressSpace.findNode("ns=0;i=2253");
    if (!isObjectNode(server)) throw new InternalError("the address space has no Server object");
    this.#server = server;
    this.#serverId = serverId;
  }

  methodCalled(call: MethodCalled): void {
    if (!this.#isHeard) return;
    const { condition } = call;
    this.#server.raiseEvent(condition?.type ?? "AuditUpdateMethodEventType", {
      ...this.#common(call.context, call.statusCode, call.message),
      sourceNode: nodeIdOf(call.objectId),
      sourceName: text(condition === undefined ? "Attribute/Call" : `Method/${condition.method}`),
      methodId: nodeIdOf(call.methodId),
      statusCodeId: new Variant({ dataType: DataType.StatusCode, value: call.statusCode }),
      inputArguments: variants(call.inputs),
      outputArguments: variants(call.outputs),
      ...(condition === undefined ? {} : conditionFields(condition)),
    });
  }

  parameterWritten(write: ParameterWritten): void {
    if (!this.#isHeard) return;
    this.#server.raiseEvent("AuditWriteUpdateEventType", {
      ...this.#common(write.context, write.statusCode, write.message),
      sourceNode: nodeIdOf(write.nodeId),
      sourceName: text("Attribute/Write"),
      attributeId: new Variant({ dataType: DataType.UInt32, value: AttributeIds.Value }),
      indexRange: text(""),
      oldValue: new Variant(write.before),
      newValue: new Variant(write.after),
    });
  }

  historyChanged(change: HistoryChanged): void {
    if (!this.#isHeard) return;
    this.#server.raiseEvent(change.eventType, {
      ...this.#common(change.context, change.statusCode, change.message),
      ...change.fields,
      sourceNode: nodeIdOf(change.nodeId),
      sourceName: text("Attribute/HistoryUpdate"),
      updatedNode: nodeIdOf(change.nodeId),
    });
  }

  get #isHeard(): boolean {
    return this.#server.listenerCount("event") > 0;
  }

  #common(context: ISessionContext, statusCode: StatusCode, message: string): Record<string, Variant> {
    const isDone = statusCode.isGood();
    return {
      actionTimeStamp: new Variant({ dataType: DataType.DateTime, value: new Date() }),
      status: new Variant({ dataType: DataType.Boolean, value: isDone }),
      serverId: text(this.#serverId),
      clientAuditEntryId: text(auditEntryIdOf(context)),
      clientUserId: text(context.getUserName?.() ?? "anonymous"),
      message: new Variant({ dataType: DataType.LocalizedText, value: { text: message } }),
      severity: new Variant({ dataType: DataType.UInt16, value: isDone ? severity.done : severity.refused }),
    };
  }
}

/** Only what the event type has: node-opcua refuses the others. */
function conditionFields({ type, eventId, comment, shelvingMs }: ConditionAudit): Record<string, Variant> {
  if (type === "AuditConditionShelvingEventType" && shelvingMs !== undefined) {
    return { shelvingTime: new Variant({ dataType: DataType.Double, value: shelvingMs }) };
  }
  const isAnswer =
    type === "AuditConditionAcknowledgeEventType" ||
    type === "AuditConditionConfirmEventType" ||
    type === "AuditConditionCommentEventType";
  if (!isAnswer) return {};
  return {
    conditionEventId: new Variant({ dataType: DataType.ByteString, value: Buffer.from(eventId, "hex") }),
    comment: new Variant({ dataType: DataType.LocalizedText, value: { text: comment ?? "" } }),
  };
}

function auditEntryIdOf(context: ISessionContext): string {
  const header = "requestHeader" in context ? context.requestHeader : undefined;
  if (typeof header !== "object" || header === null || !("auditEntryId" in header)) return "";
  return typeof header.auditEntryId === "string" ? header.auditEntryId : "";
}

function text(value: string): Variant {
  return new Variant({ dataType: DataType.String, value });
}

function nodeIdOf(value: NodeId): Variant {
  return new Variant({ dataType: DataType.NodeId, value });
}

function variants(values: readonly (Variant | VariantOptions)[]): Variant {
  const value = values.map((each) => new Variant(each));
  return new Variant({ dataType: DataType.Variant, arrayType: VariantArrayType.Array, value });
}
