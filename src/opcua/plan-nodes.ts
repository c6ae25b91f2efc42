import {
  type BaseNode,
  coerceLocalizedText,
  type DataType,
  LocalizedText,
  makeAccessLevelFlag,
  NodeClass,
  type NodeId,
  type QualifiedName,
  type UAReference,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import { builtInTypeId, type LeanNodes, type ReferenceName } from "./engine/lean-nodes.ts";
import type { NodeTemplate, SharedPermissions } from "./engine/node-template.ts";

/** One node of every device of a type. */
export interface PlannedNode {
  readonly template: NodeTemplate;
  /** Appended to the device's name: the text of the NodeId. */
  readonly suffix: string;
  /** Place of the parent in the plan; the device itself is 0. */
  readonly parent: number;
  readonly reference: ReferenceName;
  /** First value of a variable that no parameter feeds. */
  readonly initial?: { readonly dataType: DataType; readonly valueOf: (device: Device) => unknown };
}

/** Where a node stands in the plan. */
interface Place {
  readonly suffix: string;
  readonly parent: number;
}

interface ObjectDraft extends Place {
  readonly isNotifier?: boolean;
  readonly keepsEvents?: boolean;
  readonly type: BaseNode;
  readonly shared?: readonly UAReference[];
}

interface PropertyDraft extends Place {
  readonly type: DataType;
  /** Who may write it; undefined: nobody. */
  readonly writers?: SharedPermissions;
  readonly valueOf?: (device: Device) => unknown;
}

interface VariableDraft extends Place {
  readonly name: QualifiedName;
  readonly displayName: string;
  readonly reference: ReferenceName;
  readonly typeName: string;
  readonly dataType: NodeId;
  readonly accessLevel: number;
  readonly historizing: boolean;
  readonly rolePermissions?: SharedPermissions;
  readonly shared?: readonly UAReference[];
  readonly initial?: PlannedNode["initial"];
}

/** The list of a plan's nodes while it is written; every method answers the place of the node it adds. */
export class PlanNodes {
  readonly all: PlannedNode[] = [];
  readonly #lean: LeanNodes;
  readonly #typeOf: (name: string) => BaseNode;

  constructor(lean: LeanNodes, typeOf: (name: string) => BaseNode) {
    this.#lean = lean;
    this.#typeOf = typeOf;
  }

  object(
    browseName: QualifiedName,
    { suffix, parent, type, shared = [], isNotifier = false, keepsEvents = false }: ObjectDraft,
  ): number {
    const template: NodeTemplate = {
      nodeClass: NodeClass.Object,
      browseName,
      displayName: displayNameOf(browseName.name ?? ""),
      shared: [this.#lean.sharedReference("HasTypeDefinition", type), ...shared],
      isNotifier,
      keepsEvents,
    };
    return this.#push({ template, suffix, parent, reference: "HasComponent" });
  }

  variable(draft: VariableDraft): number {
    const {
      dataType,
      accessLevel,
      historizing,
      suffix,
      parent,
      reference,
      initial,
      shared = [],
      rolePermissions,
    } = draft;
    const template: NodeTemplate = {
      nodeClass: NodeClass.Variable,
      browseName: draft.name,
      displayName: displayNameOf(draft.displayName),
      shared: [this.#lean.sharedReference("HasTypeDefinition", this.#typeOf(draft.typeName)), ...shared],
      variable: { dataType, valueRank: -1, accessLevel, historizing },
      ...(rolePermissions === undefined ? {} : { rolePermissions }),
    };
    return this.#push({ template, suffix, parent, reference, ...(initial === undefined ? {} : { initial }) });
  }

  property(browseName: QualifiedName, { suffix, parent, type, writers, valueOf }: PropertyDraft): number {
    return this.variable({
      name: browseName,
      displayName: browseName.name ?? "",
      suffix,
      parent,
      reference: "HasProperty",
      typeName: "PropertyType",
      dataType: builtInTypeId(type),
      accessLevel: makeAccessLevelFlag(writers === undefined ? "CurrentRead" : "CurrentRead | CurrentWrite"),
      historizing: false,
      ...(writers === undefined ? {} : { rolePermissions: writers }),
      ...(valueOf === undefined ? {} : { initial: { dataType: type, valueOf } }),
    });
  }

  #push(node: PlannedNode): number {
    this.all.push(node);
    return this.all.length - 1;
  }
}

/** A display name as a node holds it. */
export function displayNameOf(text: string): readonly LocalizedText[] {
  return [coerceLocalizedText(text) ?? new LocalizedText({ text })];
}
