import type { DataValue } from "node-opcua";

/** Classes of nodes (OPC 10000-3, 8.29) by their number. */
const nodeClasses = {
  0: "Unspecified",
  1: "Object",
  2: "Variable",
  4: "Method",
  8: "ObjectType",
  16: "VariableType",
  32: "ReferenceType",
  64: "DataType",
  128: "View",
} as const;

export type NodeClassName = (typeof nodeClasses)[keyof typeof nodeClasses];

const nodeClassByNumber: ReadonlyMap<number, NodeClassName> = new Map(
  Object.entries(nodeClasses).map(([number, name]) => [Number(number), name]),
);

export function nodeClassOf(number: number): NodeClassName {
  return nodeClassByNumber.get(number) ?? "Unspecified";
}

/** A forward reference as the Browse service tells it. */
export interface NodeReference {
  /** NodeId of the reference type, as text. */
  readonly type: string;
  readonly target: string;
  readonly targetClass: NodeClassName;
  /** `<namespace index>:<name>`. */
  readonly targetName: string;
  /** Type definition of the target (Objects and Variables). */
  readonly targetType: string | undefined;
}

/** Attributes of a Variable (OPC 10000-3, 5.6.2). */
export interface VariableAttributes {
  readonly dataType: string;
  readonly valueRank: number;
  readonly accessLevel: number;
  readonly historizing: boolean;
  readonly value: DataValue;
}

/** One node as a client sees it. */
export interface AddressNode {
  readonly id: string;
  readonly nodeClass: NodeClassName;
  /** `<namespace index>:<name>`. */
  readonly name: string;
  /** BrowseNames from the root of the walk. */
  readonly path: string;
  readonly references: readonly NodeReference[];
  /** Only of Variables; of VariableTypes what they have of it. */
  readonly variable: VariableAttributes | undefined;
}

/** Nodes of namespace 0 that the doctor names. */
export const ids = {
  objectsFolder: "ns=0;i=85",
  server: "ns=0;i=2253",
  hasSubtype: "ns=0;i=45",
  hasProperty: "ns=0;i=46",
  hasTypeDefinition: "ns=0;i=40",
  hasModellingRule: "ns=0;i=37",
  hasInterface: "ns=0;i=17603",
  hasCondition: "ns=0;i=9006",
  conditionType: "ns=0;i=2782",
  organizes: "ns=0;i=35",
  aggregates: "ns=0;i=44",
  hasHistoricalConfiguration: "ns=0;i=56",
  hierarchicalReferences: "ns=0;i=33",
  number: "ns=0;i=26",
  enumeration: "ns=0;i=29",
  structure: "ns=0;i=22",
  baseDataType: "ns=0;i=24",
} as const;

/** The name part of `<namespace index>:<name>`. */
export function nameOf(browseName: string): string {
  return browseName.slice(browseName.indexOf(":") + 1);
}

/** The index part of `<namespace index>:<name>`. */
export function namespaceOf(browseName: string): number {
  return Number(browseName.slice(0, browseName.indexOf(":")));
}
