import { type AddressSpace, type BaseNode, DataType, type NodeId, Variant, VariantArrayType } from "node-opcua";

/** Verbs of ModelChangeStructureDataType (OPC 10000-5, 12.17). */
const verbs = { nodeAdded: 1, nodeDeleted: 2 } as const;

/**
 * Tells clients that nodes came or went (GeneralModelChangeEventType of the Server object, OPC 10000-3, 9.32), in place of
 * node-opcua's own bookkeeping, which costs a scan per node.
 */
export class ModelChanges {
  readonly #addressSpace: AddressSpace;

  constructor(addressSpace: AddressSpace) {
    this.#addressSpace = addressSpace;
    addressSpace.isFrugal = true;
    addressSpace.suspendModelChangeEvents = true;
  }

  added(node: BaseNode & { readonly typeDefinition: NodeId }, parent: BaseNode): void {
    this.#raise([{ affected: node.nodeId, affectedType: node.typeDefinition, verb: verbs.nodeAdded }], parent);
  }

  removed(nodeId: NodeId, typeDefinition: NodeId, parent: BaseNode): void {
    this.#raise([{ affected: nodeId, affectedType: typeDefinition, verb: verbs.nodeDeleted }], parent);
  }

  #raise(changes: readonly object[], source: BaseNode): void {
    const type = this.#addressSpace.findDataType("ModelChangeStructureDataType");
    const server = this.#addressSpace.rootFolder.objects.server;
    if (type === null) return;
    const value = changes.map((change) => this.#addressSpace.constructExtensionObject(type, { ...change }));
    server.raiseEvent("GeneralModelChangeEventType", {
      sourceNode: { dataType: DataType.NodeId, value: source.nodeId },
      changes: new Variant({ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value }),
    });
  }
}
