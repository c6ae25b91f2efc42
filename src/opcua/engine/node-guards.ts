import {
  type BaseNode,
  type ISessionContext,
  NodeClass,
  type NumericRange,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from "node-opcua";

export function isObjectNode(node: BaseNode | null | undefined): node is UAObject {
  return node?.nodeClass === NodeClass.Object;
}

export function isVariableNode(node: BaseNode | null | undefined): node is UAVariable {
  return node?.nodeClass === NodeClass.Variable;
}

export function isMethodNode(node: BaseNode | null | undefined): node is UAMethod {
  return node?.nodeClass === NodeClass.Method;
}

export function isObjectTypeNode(node: BaseNode | null | undefined): node is UAObjectType {
  return node?.nodeClass === NodeClass.ObjectType;
}

/** False for no range and for an empty text, which node-opcua takes for the range NaN (2.186.4). */
export function isPart(range: NumericRange | null | undefined): range is NumericRange {
  return range !== null && range !== undefined && !range.isEmpty() && !Number.isNaN(range.value);
}

/** The role and access-level check for history that node-opcua makes in its own HistoryRead. */
export function mayReadHistory(variable: UAVariable, context: ISessionContext): boolean {
  const internals = variable as unknown as { canUserReadHistory(context: ISessionContext): boolean };
  return internals.canUserReadHistory(context);
}
