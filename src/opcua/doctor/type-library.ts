import type { NodeClassName } from "./address-node.ts";
import { type AddressNode, ids } from "./address-node.ts";
import type { AddressSpaceReader } from "./address-space-reader.ts";
import { type Declaration, meaningOf, overridden } from "./declaration.ts";
import type { ReferenceTypes } from "./reference-types.ts";
import { type WalkRoot, walk } from "./walk.ts";

const noDeclarations: ReadonlyMap<string, Declaration> = new Map();
const maxDepth = 8;

/** The types that instances use, read from the server when they are first met. */
export class TypeLibrary {
  readonly #reader: AddressSpaceReader;
  readonly #referenceTypes: ReferenceTypes;
  /** Supertype of each known type; undefined at the top. */
  readonly #supertypes = new Map<string, string | undefined>();
  /** Nodes of types and their declarations. */
  readonly #nodes = new Map<string, AddressNode>();
  readonly #declarations = new Map<string, ReadonlyMap<string, Declaration>>();
  readonly #abstract = new Set<string>();

  constructor(reader: AddressSpaceReader, referenceTypes: ReferenceTypes) {
    this.#reader = reader;
    this.#referenceTypes = referenceTypes;
  }

  /** Nodes of all types read so far, with everything below them. */
  get nodes(): ReadonlyMap<string, AddressNode> {
    return this.#nodes;
  }

  /** Reads ObjectTypes and VariableTypes with their supertypes, interfaces and declarations. */
  async load(types: Iterable<string>): Promise<void> {
    let wanted = new Set(types);
    while (wanted.size > 0) {
      const fresh = [...wanted].filter((id) => !this.#nodes.has(id));
      await this.loadSupertypes(fresh);
      const roots = [...new Set(fresh.flatMap((id) => this.chainOf(id)))].filter((id) => !this.#nodes.has(id));
      const found = await walk(await this.#rootsOf(roots), {
        reader: this.#reader,
        referenceTypes: this.#referenceTypes,
        known: this.#nodes,
      });
      for (const [id, node] of found) this.#nodes.set(id, node);
      wanted = new Set(roots.flatMap((id) => targetsOf(this.#nodes.get(id), ids.hasInterface)));
    }
  }

  /** Reads the chain of supertypes of types of any class. */
  async loadSupertypes(types: Iterable<string>): Promise<void> {
    let level = [...new Set(types)].filter((id) => !this.#supertypes.has(id));
    while (level.length > 0) {
      const parents = await this.#reader.browse(level, "inverse", ids.hasSubtype);
      for (const [i, id] of level.entries()) this.#supertypes.set(id, parents[i]?.[0]?.target);
      level = level.flatMap((id) => this.#supertypes.get(id) ?? []).filter((id) => !this.#supertypes.has(id));
    }
  }

  /** A type and its supertypes, from itself upwards. */
  chainOf(type: string): string[] {
    const chain: string[] = [];
    for (let id: string | undefined = type; id !== undefined && !chain.includes(id); id = this.#supertypes.get(id)) {
      chain.push(id);
    }
    return chain;
  }

  /** True when `type` is `base` or below it. */
  isA(type: string, base: string): boolean {
    return this.chainOf(type).includes(base);
  }

  /** True for types that only subtypes have instances of. */
  isAbstract(type: string): boolean {
    return this.#abstract.has(type);
  }

  /** All declarations of a type, inherited ones and those of its interfaces included, by BrowseName. */
  declarationsOf(type: string): ReadonlyMap<string, Declaration> {
    const known = this.#declarations.get(type);
    if (known !== undefined) return known;
    // Set first, so that a type below itself ends here.
    this.#declarations.set(type, noDeclarations);
    const node = this.#nodes.get(type);
    const supertype = this.#supertypes.get(type);
    let merged = supertype === undefined ? noDeclarations : this.declarationsOf(supertype);
    for (const wanted of targetsOf(node, ids.hasInterface)) merged = overridden(this.declarationsOf(wanted), merged);
    if (node !== undefined) merged = overridden(merged, this.#ownDeclarations(node, []));
    this.#declarations.set(type, merged);
    return merged;
  }

  #ownDeclarations(parent: AddressNode, above: readonly string[]): ReadonlyMap<string, Declaration> {
    if (above.length > maxDepth || above.includes(parent.id)) return noDeclarations;
    const found = new Map<string, Declaration>();
    for (const reference of parent.references) {
      const node = this.#referenceTypes.isChild(reference.type) ? this.#nodes.get(reference.target) : undefined;
      const [rule] = targetsOf(node, ids.hasModellingRule);
      if (node === undefined || rule === undefined) continue;
      found.set(reference.targetName, {
        name: reference.targetName,
        nodeClass: node.nodeClass,
        ...meaningOf(rule),
        typeDefinition: reference.targetType,
        dataType: node.variable?.dataType,
        valueRank: node.variable?.valueRank,
        children: this.#ownDeclarations(node, [...above, parent.id]),
      });
    }
    return found;
  }

  async #rootsOf(types: readonly string[]): Promise<WalkRoot[]> {
    const described = await this.#reader.types(types);
    for (const { id, isAbstract } of described) if (isAbstract) this.#abstract.add(id);
    return described.map(({ id, nodeClass, name }) => ({ id, nodeClass, name, path: name }));
  }
}

/** Targets of the forward references of one type. */
export function targetsOf(node: AddressNode | undefined, referenceType: string): string[] {
  return (node?.references ?? [])
    .filter((reference) => reference.type === referenceType)
    .map((reference) => reference.target);
}

/** True for the classes of nodes that types are. */
export function isTypeClass(nodeClass: NodeClassName): boolean {
  return nodeClass === "ObjectType" || nodeClass === "VariableType";
}
