import {
  type AddressSpace,
  type BaseNode,
  type LocalizedText,
  type NodeId,
  type QualifiedName,
  type UAReference,
  type UAReferenceType,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { bareClassOf } from "./bare-class.ts";
import { liveMark, readLive, ShownValue, shownValue, watchLive } from "./live-variable.ts";
import type { NodeTemplate, SharedPermissions } from "./node-template.ts";

/** One stock node of each kind and a reference: what the lean classes are derived from. */
export interface StockSamples {
  readonly object: BaseNode;
  readonly variable: BaseNode;
  readonly reference: UAReference;
}

/** What node-opcua's nodes keep beside themselves, under a symbol (2.186.4). */
export interface NodePrivate {
  readonly _referenceIdx: Map<unknown, UAReference>;
  readonly _cache: unknown;
  readonly _childByNameMap?: unknown;
}

export interface ReferenceEnds {
  readonly type: UAReferenceType;
  readonly isForward: boolean;
  readonly target: BaseNode;
}

interface LeanInstance {
  readonly addressSpace: AddressSpace;
  readonly template: NodeTemplate;
  readonly nodeId: NodeId;
}

/** Classes of node-opcua's nodes and references whose instances hold only what is their own. */
export interface LeanClasses {
  readonly Object: new (instance: LeanInstance) => object;
  readonly Variable: new (instance: LeanInstance) => object;
  readonly Reference: new (ends: ReferenceEnds) => object;
  /**
   * The references of a lean node by their key, as long as node-opcua derived nothing from them: then adding one is all that
   * is to be done. Undefined for any other node.
   */
  readonly freshReferencesOf: (node: object) => Map<unknown, UAReference> | undefined;
}

const subscribeToEvents = 1;
const historyRead = 4;

let classes: LeanClasses | undefined;

/** The lean classes of this process, derived from the first samples that are given. */
export function leanClasses(samples: StockSamples): LeanClasses {
  classes ??= derive(samples);
  return classes;
}

function derive({ object, variable, reference }: StockSamples): LeanClasses {
  const privately = privateKeyOf(object);
  const Private = privateClass(object, privately);
  return {
    Object: objectClass(object, privately, Private),
    Variable: variableClass(variable, privately, Private),
    Reference: referenceClass(reference),
    freshReferencesOf: (node) => {
      const record = (node as { readonly [privately]: NodePrivate })[privately];
      if (!(record instanceof Private) || record._cache !== undefined) return undefined;
      return record._childByNameMap === undefined ? record._referenceIdx : undefined;
    },
  };
}

/** The symbol under which node-opcua keeps the private record of a node. */
function privateKeyOf(node: object): symbol {
  const found = Object.getOwnPropertySymbols(node).find((key) => key.description === "BaseNodePrivate");
  if (found === undefined) throw new InternalError("node-opcua keeps the private part of a node elsewhere");
  return found;
}

type PrivateClass = new (addressSpace: AddressSpace, displayName: readonly LocalizedText[]) => NodePrivate;

function privateClass(sample: BaseNode, privately: symbol): PrivateClass {
  const stock = Reflect.get(sample, privately) as { readonly _back_referenceIdx: ReadonlyMap<unknown, unknown> };
  if (stock._back_referenceIdx.size > 0) throw new InternalError("the sample is pointed at");
  const own = ["__address_space", "_referenceIdx", "_cache", "_displayName", "_parent"];
  const shared = {
    // All nodes that nothing points at share this one; the first reference replaces it.
    _back_referenceIdx: stock._back_referenceIdx,
    _description: sample.description,
    _displayNameRaw: undefined,
    _accessorName: undefined,
  };
  return class LeanPrivate extends bareClassOf(stock, own, shared) implements NodePrivate {
    readonly __address_space: AddressSpace;
    readonly _referenceIdx = new Map<unknown, UAReference>();
    readonly _cache = undefined;
    readonly _displayName: readonly LocalizedText[];
    readonly _parent = undefined;

    constructor(addressSpace: AddressSpace, displayName: readonly LocalizedText[]) {
      super();
      this.__address_space = addressSpace;
      this._displayName = displayName;
    }
  };
}

const ownOfNode = ["_events", "_eventsCount", "nodeId", "browseName", "_rolePermissions"];

function objectClass(sample: object, privately: symbol, Private: PrivateClass): LeanClasses["Object"] {
  const own = [...ownOfNode, privately, "_eventNotifier"];
  return class LeanObject extends bareClassOf(sample, own) {
    readonly _events = undefined;
    readonly _eventsCount = 0;
    readonly nodeId: NodeId;
    readonly browseName: QualifiedName;
    readonly _rolePermissions: SharedPermissions | undefined;
    [privately]: NodePrivate;
    readonly _eventNotifier: number;

    constructor({ addressSpace, template, nodeId }: LeanInstance) {
      super();
      this.nodeId = nodeId;
      this.browseName = template.browseName;
      this._rolePermissions = template.rolePermissions;
      this[privately] = new Private(addressSpace, template.displayName);
      this._eventNotifier = notifierOf(template);
    }
  };
}

function variableClass(sample: object, privately: symbol, Private: PrivateClass): LeanClasses["Variable"] {
  const own = [...ownOfNode, privately, "dataType", "accessLevel", "userAccessLevel", "historizing", "$dataValue"];
  const LeanVariable = class LeanVariable extends bareClassOf(sample, own) {
    readonly _events = undefined;
    readonly _eventsCount = 0;
    readonly nodeId: NodeId;
    readonly browseName: QualifiedName;
    readonly _rolePermissions: SharedPermissions | undefined;
    [privately]: NodePrivate;
    readonly dataType: NodeId | undefined;
    readonly accessLevel: number;
    readonly userAccessLevel: number;
    readonly historizing: boolean;
    readonly shown = new ShownValue();

    constructor({ addressSpace, template, nodeId }: LeanInstance) {
      super();
      const { variable } = template;
      this.nodeId = nodeId;
      this.browseName = template.browseName;
      this._rolePermissions = template.rolePermissions;
      this[privately] = new Private(addressSpace, template.displayName);
      this.dataType = variable?.dataType;
      this.accessLevel = variable?.accessLevel ?? 0;
      this.userAccessLevel = variable?.accessLevel ?? 0;
      this.historizing = variable?.historizing ?? false;
    }
  };
  const stockRead: unknown = Reflect.get(sample, "readValue");
  const on = { value: watchLive(Reflect.get(sample, "on") as Parameters<typeof watchLive>[0]) };
  Object.defineProperties(LeanVariable.prototype, {
    on,
    addListener: on,
    $dataValue: shownValue,
    readValue: { value: readLive(stockRead as Parameters<typeof readLive>[0]) },
    [liveMark]: { value: true },
  });
  return LeanVariable;
}

function referenceClass(sample: object): LeanClasses["Reference"] {
  const own = ["nodeId", "referenceType", "_referenceType", "isForward", "node", "__key"];
  return class LeanReference extends bareClassOf(sample, own) {
    readonly nodeId: NodeId;
    readonly referenceType: NodeId;
    readonly _referenceType: UAReferenceType;
    readonly isForward: boolean;
    readonly node: BaseNode;
    readonly __key = undefined;

    constructor({ type, isForward, target }: ReferenceEnds) {
      super();
      this.nodeId = target.nodeId;
      this.referenceType = type.nodeId;
      this._referenceType = type;
      this.isForward = isForward;
      this.node = target;
    }
  };
}

/** EventNotifierType (OPC 10000-3, 8.59). */
function notifierOf({ isNotifier = false, keepsEvents = false }: NodeTemplate): number {
  return (isNotifier ? subscribeToEvents : 0) | (keepsEvents ? historyRead : 0);
}
