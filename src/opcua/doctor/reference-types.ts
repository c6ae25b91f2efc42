import { ids } from "./address-node.ts";
import type { AddressSpaceReader } from "./address-space-reader.ts";

/** Which references make a node the child of another. */
export class ReferenceTypes {
  readonly #children: ReadonlySet<string>;
  readonly #organizes: ReadonlySet<string>;

  private constructor(aggregates: ReadonlySet<string>, organizes: ReadonlySet<string>) {
    this.#children = new Set([...aggregates, ...organizes]);
    this.#organizes = organizes;
  }

  static async load(reader: AddressSpaceReader): Promise<ReferenceTypes> {
    return new ReferenceTypes(await subtypesOf(reader, ids.aggregates), await subtypesOf(reader, ids.organizes));
  }

  /** Aggregates (HasComponent, HasProperty, ...) and Organizes; not HasSubtype, HasNotifier and the like. */
  isChild(referenceType: string): boolean {
    return this.#children.has(referenceType);
  }

  isOrganizes(referenceType: string): boolean {
    return this.#organizes.has(referenceType);
  }
}

async function subtypesOf(reader: AddressSpaceReader, root: string): Promise<Set<string>> {
  const found = new Set([root]);
  let level = [root];
  while (level.length > 0) {
    const next = (await reader.browse(level, "forward", ids.hasSubtype)).flatMap((references) => references ?? []);
    level = next.map((reference) => reference.target).filter((id) => !found.has(id));
    for (const id of level) found.add(id);
  }
  return found;
}
