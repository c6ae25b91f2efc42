import type { AddressNode, NodeReference } from "#opcua/doctor/address-node.ts";
import type { Finding, Severity } from "#opcua/doctor/doctor-report.ts";
import type { ReferenceTypes } from "#opcua/doctor/reference-types.ts";
import type { TypeLibrary } from "#opcua/doctor/type-library.ts";

/** What a finding is called and where it comes from. */
export interface RuleName {
  readonly rule: string;
  readonly clause: string;
  readonly severity: Severity;
}

export interface Complaint {
  readonly found: string;
  readonly expected: string;
}

export interface RuleContextParts {
  /** The nodes under examination. */
  readonly nodes: ReadonlyMap<string, AddressNode>;
  readonly types: TypeLibrary;
  readonly referenceTypes: ReferenceTypes;
  readonly namespaces: readonly string[];
  readonly report: (finding: Finding) => void;
}

const diUri = "http://opcfoundation.org/UA/DI/";

/** How the namespaces begin whose nodes their publishers answer for. */
const standardUris = ["http://opcfoundation.org/", "http://fdi-cooperation.com/"];

/** True for a node that a published standard defines. */
export function isStandardNode(nodeId: string, namespaces: readonly string[]): boolean {
  const index = Number(/^ns=(\d+)/.exec(nodeId)?.[1] ?? 0);
  return standardUris.some((start) => (namespaces[index] ?? "").startsWith(start));
}
const functionalGroupType = 1005;

/** What rules look at besides the node itself. */
export class RuleContext {
  readonly nodes: ReadonlyMap<string, AddressNode>;
  readonly types: TypeLibrary;
  readonly namespaces: readonly string[];
  /** Namespace index of OPC UA DI; -1 when the server does not know it. */
  readonly diIndex: number;
  readonly #referenceTypes: ReferenceTypes;
  readonly #report: (finding: Finding) => void;

  constructor(parts: RuleContextParts) {
    this.nodes = parts.nodes;
    this.types = parts.types;
    this.namespaces = parts.namespaces;
    this.diIndex = parts.namespaces.indexOf(diUri);
    this.#referenceTypes = parts.referenceTypes;
    this.#report = parts.report;
  }

  add(name: RuleName, node: AddressNode, complaint: Complaint): void {
    this.#report({ ...name, nodeId: node.id, path: node.path, ...complaint });
  }

  /** Child references of a node. */
  children(node: AddressNode): NodeReference[] {
    return node.references.filter((reference) => this.#referenceTypes.isChild(reference.type));
  }

  /** True for DI FunctionalGroupType and what derives from it. */
  isFunctionalGroup(type: string | undefined): boolean {
    return type !== undefined && this.types.isA(type, `ns=${this.diIndex};i=${functionalGroupType}`);
  }

  /** The child node with that BrowseName (`<namespace index>:<name>`). */
  child(node: AddressNode, name: string): AddressNode | undefined {
    const reference = this.children(node).find(({ targetName }) => targetName === name);
    return reference === undefined ? undefined : this.nodes.get(reference.target);
  }
}

/** Looks at one node and reports what is wrong with it. */
export type Rule = (node: AddressNode, context: RuleContext) => void;
