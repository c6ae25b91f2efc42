import type { Namespace, UAObject, UAObjectType } from "node-opcua";
import { type DiModel, diGroupNames } from "./di-model.ts";

export interface GroupTreeOptions {
  /** Start of the NodeIds of the groups. */
  readonly key: string;
  readonly modellingRule?: "Mandatory";
  /** Namespace index of the names of groups that DI does not define; default: the namespace of the nodes. */
  readonly nameIndex?: number;
}

/** The functional groups of one device or device type, made on demand from paths such as `Operational/Electrical`. */
export class GroupTree {
  readonly #namespace: Namespace;
  readonly #di: DiModel;
  readonly #owner: UAObject | UAObjectType;
  readonly #options: GroupTreeOptions;
  readonly #groups = new Map<string, UAObject>();

  constructor(namespace: Namespace, di: DiModel, owner: UAObject | UAObjectType, options: GroupTreeOptions) {
    this.#namespace = namespace;
    this.#di = di;
    this.#owner = owner;
    this.#options = options;
  }

  /** The group at `path`, with all groups above it. */
  of(path: string): UAObject {
    const known = this.#groups.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const name = path.slice(cut + 1);
    const { key, modellingRule, nameIndex } = this.#options;
    const isDiName = cut < 0 && diGroupNames.has(name);
    const group = this.#namespace.addObject({
      browseName: { namespaceIndex: isDiName ? this.#di.namespaceIndex : (nameIndex ?? this.#namespace.index), name },
      nodeId: `s=${key}/${path}`,
      componentOf: cut < 0 ? this.#owner : this.of(path.slice(0, cut)),
      typeDefinition: this.#di.functionalGroupType.nodeId,
      ...(modellingRule === undefined ? {} : { modellingRule }),
    });
    this.#groups.set(path, group);
    return group;
  }
}
