import {
  type AddressSpace,
  type BaseNode,
  BrowseDirection,
  NodeClass,
  type NodeId,
  type QualifiedName,
  sameNodeId,
  type UAObjectType,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { isObjectTypeNode } from "#opcua/engine/node-guards.ts";

/** NodeIds of OPC 10000-5 and 10000-9. */
const conditionTypeId = "ns=0;i=2782";
const baseEventTypeId = "ns=0;i=2041";

/** The event types of an address space: which is derived from which, and what fields they declare. */
export class EventTypes {
  readonly #addressSpace: AddressSpace;
  readonly #baseEventType: UAObjectType;
  readonly #conditionType: NodeId;
  /** By base type, then by type; types that come with packages later are added as they are asked for. */
  readonly #derived = new Map<string, Map<NodeId, boolean>>();
  readonly #openNamespaces = new Set<number>();

  constructor(addressSpace: AddressSpace) {
    this.#addressSpace = addressSpace;
    this.#baseEventType = this.#typeAt(baseEventTypeId);
    this.#conditionType = this.#typeAt(conditionTypeId).nodeId;
  }

  /** Whether `type` is `base` or derives from it; both NodeIds of nodes of the address space. */
  isA(type: NodeId, base: NodeId): boolean {
    const key = base.toString();
    let known = this.#derived.get(key);
    if (known === undefined) {
      known = new Map();
      this.#derived.set(key, known);
    }
    let answer = known.get(type);
    if (answer === undefined) {
      answer = this.#isDerived(type, base);
      known.set(type, answer);
    }
    return answer;
  }

  isCondition(type: NodeId): boolean {
    return this.isA(type, this.#conditionType);
  }

  /** The event type with this NodeId; undefined for unknown nodes and for types of anything else. */
  find(nodeId: NodeId): UAObjectType | undefined {
    const node = this.#addressSpace.findNode(nodeId);
    return isObjectTypeNode(node) && this.isA(node.nodeId, this.#baseEventType.nodeId) ? node : undefined;
  }

  isKnown(nodeId: NodeId): boolean {
    return this.#addressSpace.findNode(nodeId) !== null;
  }

  /** Events carry fields of this namespace that no type declares: what devices report, details of packages. */
  openNamespace(index: number): void {
    this.#openNamespaces.add(index);
  }

  /** Whether `type` or one derived from it declares this field (OPC 10000-4, 7.7.4.5). */
  declares(type: UAObjectType, path: readonly QualifiedName[]): boolean {
    if (path.length === 1 && this.#openNamespaces.has(path[0]?.namespaceIndex ?? 0)) return true;
    for (let base: UAObjectType | null = type; base !== null; base = base.subtypeOfObj) {
      if (hasPath(base, path)) return true;
    }
    return this.#isDeclaredBelow(type, path);
  }

  #isDeclaredBelow(type: UAObjectType, path: readonly QualifiedName[]): boolean {
    return type
      .findReferencesExAsObject("HasSubtype", BrowseDirection.Forward)
      .some((sub) => isObjectTypeNode(sub) && (hasPath(sub, path) || this.#isDeclaredBelow(sub, path)));
  }

  #isDerived(type: NodeId, base: NodeId): boolean {
    if (sameNodeId(type, base)) return true;
    const node = this.#addressSpace.findNode(type);
    const baseNode = this.#addressSpace.findNode(base);
    return isObjectTypeNode(node) && isObjectTypeNode(baseNode) && node.isSubtypeOf(baseNode);
  }

  #typeAt(nodeId: string): UAObjectType {
    const node = this.#addressSpace.findNode(nodeId);
    if (!isObjectTypeNode(node)) throw new InternalError(`${nodeId} is no event type`);
    return node;
  }
}

/** Follows the names from a type's own declarations down. */
function hasPath(type: BaseNode, path: readonly QualifiedName[]): boolean {
  let node: BaseNode = type;
  for (const { namespaceIndex, name } of path) {
    const next: BaseNode | undefined = node
      .findReferencesExAsObject("Aggregates", BrowseDirection.Forward)
      .find((child) => child.browseName.name === name && child.browseName.namespaceIndex === namespaceIndex);
    const inherited = next ?? declaredByTypeOf(node, name ?? "", namespaceIndex);
    if (inherited === undefined) return false;
    node = inherited;
  }
  return true;
}

/** A member that a declaration has by its own type and does not repeat, e.g. `Id` of a state variable. */
function declaredByTypeOf(node: BaseNode, name: string, namespaceIndex: number): BaseNode | undefined {
  if (node.nodeClass !== NodeClass.Variable && node.nodeClass !== NodeClass.Object) return undefined;
  const [definition] = node.findReferencesExAsObject("HasTypeDefinition", BrowseDirection.Forward);
  for (let type: BaseNode | undefined = definition; type !== undefined; ) {
    const found = type
      .findReferencesExAsObject("Aggregates", BrowseDirection.Forward)
      .find((child) => child.browseName.name === name && child.browseName.namespaceIndex === namespaceIndex);
    if (found !== undefined) return found;
    type = type.findReferencesExAsObject("HasSubtype", BrowseDirection.Inverse)[0];
  }
  return undefined;
}
