import {
  FilterContextOnAddressSpace,
  type ISessionContext,
  type NodeId,
  QualifiedName,
  resolveOperand,
  SessionContext,
  SimpleAttributeOperand,
  type UAObjectType,
  type Variant,
} from "node-opcua";
import type { EventFields } from "#opcua/events/event-fields.ts";

/** What node-opcua itself raises: audit, model changes, progress. Not in its public types (2.186.4). */
export interface StockEventData {
  readonly sourceNode?: { readonly value?: NodeId | null };
  getEventDataSource(): UAObjectType;
}

const operands = new Map<string, SimpleAttributeOperand>();
const known = new WeakMap<StockEventData, EventFields>();

/** Shows an event of node-opcua as filters see it; the same object for the same event. */
export function stockEvent(data: StockEventData): EventFields {
  const before = known.get(data);
  if (before !== undefined) return before;
  const context = new FilterContextOnAddressSpace(
    SessionContext.defaultContext as ISessionContext,
    data as unknown as ConstructorParameters<typeof FilterContextOnAddressSpace>[1],
  );
  const fields: EventFields = {
    eventType: data.getEventDataSource().nodeId,
    conditionId: undefined,
    valueOf: (path): Variant => resolveOperand(context, operandOf(path)),
  };
  known.set(data, fields);
  return fields;
}

function operandOf(path: string): SimpleAttributeOperand {
  let operand = operands.get(path);
  if (operand === undefined) {
    operand = new SimpleAttributeOperand({ browsePath: path.split("/").map(nameOf) });
    operands.set(path, operand);
  }
  return operand;
}

function nameOf(step: string): QualifiedName {
  const [, index = "0", name = step] = /^(\d+):(.*)$/s.exec(step) ?? [];
  return new QualifiedName({ namespaceIndex: Number(index), name });
}
