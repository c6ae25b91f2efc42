import type { AddressNode, NodeClassName, NodeReference } from "./address-node.ts";
import type { AddressSpaceReader } from "./address-space-reader.ts";
import type { ReferenceTypes } from "./reference-types.ts";

export interface WalkRoot {
  readonly id: string;
  readonly nodeClass: NodeClassName;
  readonly name: string;
  readonly path: string;
}

export interface WalkOptions {
  readonly reader: AddressSpaceReader;
  readonly referenceTypes: ReferenceTypes;
  /** Nodes that are known already: taken from here instead of being read again. */
  readonly known?: ReadonlyMap<string, AddressNode>;
  /** True for children that are not entered. */
  readonly stopsAt?: (id: string) => boolean;
}

/** Reads the nodes below `roots` along child references, level by level; each node once. */
export async function walk(roots: readonly WalkRoot[], options: WalkOptions): Promise<Map<string, AddressNode>> {
  const found = new Map<string, AddressNode>();
  let level: WalkRoot[] = [...roots];
  while (level.length > 0) {
    const fresh = level.filter(({ id }) => options.known?.get(id) === undefined);
    const read = new Map((await readLevel(fresh, options.reader)).map((node) => [node.id, node]));
    const next = new Map<string, WalkRoot>();
    for (const { id } of level) {
      const node = read.get(id) ?? options.known?.get(id);
      if (node === undefined) continue;
      found.set(id, node);
      for (const child of childrenOf(node, options)) next.set(child.id, child);
    }
    level = [...next.values()].filter(({ id }) => !found.has(id));
  }
  return found;
}

function* childrenOf(node: AddressNode, options: WalkOptions): Iterable<WalkRoot> {
  for (const reference of node.references) {
    const { target, targetClass, targetName } = reference;
    if (!options.referenceTypes.isChild(reference.type) || options.stopsAt?.(target) === true) continue;
    yield { id: target, nodeClass: targetClass, name: targetName, path: `${node.path}/${targetName}` };
  }
}

async function readLevel(level: readonly WalkRoot[], reader: AddressSpaceReader): Promise<AddressNode[]> {
  const references = await reader.browse(level.map(({ id }) => id));
  const variableIds = level.filter(({ nodeClass }) => hasValue(nodeClass)).map(({ id }) => id);
  const attributes = new Map((await reader.variables(variableIds)).map((read, i) => [variableIds[i], read]));
  return level.flatMap((root, i) => {
    const own: readonly NodeReference[] | undefined = references[i];
    return own === undefined ? [] : [{ ...root, references: own, variable: attributes.get(root.id) }];
  });
}

function hasValue(nodeClass: NodeClassName): boolean {
  return nodeClass === "Variable" || nodeClass === "VariableType";
}
