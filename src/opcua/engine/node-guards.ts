import {
  type BaseNode,
  type ISessionContext,
  NodeClass,
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

/** The role and access-level check for history that node-opcua makes in its own HistoryRead. */
export function mayReadHistory(variable: UAVariable, context: ISessionContext): boolean {
  const internals = variable as unknown as { canUserReadHistory(context: ISessionContext): boolean };
  return internals.canUserReadHistory(context);
}
