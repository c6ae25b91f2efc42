import {
  type AddressSpace,
  type HistoryReadValueId,
  type ISessionContext,
  NodeId,
  type StatusCode,
  StatusCodes,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isPart, isVariableNode, mayReadHistory } from "#opcua/engine/node-guards.ts";

/** A parameter with history. */
export interface HistoryTarget {
  readonly device: Device;
  readonly spec: ParameterSpec;
  /** True: its Annotations property is meant. */
  readonly isAnnotations: boolean;
}

export interface TargetParts {
  readonly addressSpace: AddressSpace;
  /** The device and parameter behind the text of a NodeId, if it is a parameter of a device. */
  readonly parameterOf: (nodeId: string) => { readonly device: Device; readonly spec: ParameterSpec } | undefined;
}

const annotationsSuffix = "/Annotations";

/** The text of the NodeId of a parameter's Annotations property. */
export function annotationsKey(device: string, parameter: string): string {
  return `${device}/${parameter}${annotationsSuffix}`;
}

/** The history that a node stands for, or why there is none to be read by this user. */
export function readableTarget(
  parts: TargetParts,
  context: ISessionContext,
  node: HistoryReadValueId,
): HistoryTarget | StatusCode {
  const encoding = node.dataEncoding?.name ?? "";
  if (encoding === "Default XML" || encoding === "Default JSON") return StatusCodes.BadDataEncodingUnsupported;
  if (encoding !== "" && encoding !== "Default Binary") return StatusCodes.BadDataEncodingInvalid;
  // No parameter is an array.
  if (isPart(node.indexRange)) {
    return node.indexRange.isValid() ? StatusCodes.BadIndexRangeNoData : StatusCodes.BadIndexRangeInvalid;
  }
  return targetOf(parts, context, node.nodeId);
}

/** The history behind a NodeId; a parameter's Annotations property need not be in the address space. */
export function targetOf(parts: TargetParts, context: ISessionContext, nodeId: NodeId): HistoryTarget | StatusCode {
  const key = String(nodeId.value);
  const isAnnotations = key.endsWith(annotationsSuffix);
  const path = isAnnotations ? key.slice(0, -annotationsSuffix.length) : key;
  const variableId = isAnnotations ? new NodeId(nodeId.identifierType, path, nodeId.namespace) : nodeId;
  const variable = parts.addressSpace.findNode(variableId);
  if (variable === null) return StatusCodes.BadNodeIdUnknown;
  const parameter = parts.parameterOf(path);
  if (!isVariableNode(variable) || parameter === undefined || !variable.historizing) {
    return StatusCodes.BadHistoryOperationUnsupported;
  }
  if (!mayReadHistory(variable, context)) return StatusCodes.BadUserAccessDenied;
  return { ...parameter, isAnnotations };
}
