import { type AddressSpace, coerceNodeId, type NodeId, type UAObject, type UAObjectType } from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { isObjectNode } from "./engine/node-guards.ts";

const diUri = "http://opcfoundation.org/UA/DI/";

/** Numeric ids of the DI NodeSet that we build upon (OPC 10000-100). */
const diIds = { deviceSet: 5001, deviceHealthEnumeration: 6244 } as const;

/** The entry points of the DI model within one address space. */
export interface DiModel {
  readonly namespaceIndex: number;
  readonly deviceSet: UAObject;
  readonly deviceType: UAObjectType;
  readonly functionalGroupType: UAObjectType;
  /** DataType of DeviceHealth. */
  readonly deviceHealthType: NodeId;
}

/** Finds the DI model; throws InternalError when the DI NodeSet is not loaded. */
export function findDiModel(addressSpace: AddressSpace): DiModel {
  const namespaceIndex = addressSpace.getNamespaceIndex(diUri);
  const deviceSet = addressSpace.findNode(`ns=${namespaceIndex};i=${diIds.deviceSet}`);
  const deviceType = addressSpace.findObjectType("DeviceType", namespaceIndex);
  const functionalGroupType = addressSpace.findObjectType("FunctionalGroupType", namespaceIndex);
  if (!isObjectNode(deviceSet) || deviceType === null || functionalGroupType === null) {
    throw new InternalError("the DI NodeSet is not loaded");
  }
  const deviceHealthType = coerceNodeId(`ns=${namespaceIndex};i=${diIds.deviceHealthEnumeration}`);
  return { namespaceIndex, deviceSet, deviceType, functionalGroupType, deviceHealthType };
}

/** Names that OPC 10000-100 (5.4) gives functional groups: they belong to the DI namespace. */
export const diGroupNames: ReadonlySet<string> = new Set([
  "Configuration",
  "Tuning",
  "Maintenance",
  "Diagnostics",
  "Statistics",
  "Status",
  "Operational",
  "OperationCounters",
  "Identification",
]);
