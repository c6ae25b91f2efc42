import {
  AddressSpace,
  AttributeIds,
  type BaseNode,
  BrowseDirection,
  DataType,
  LocalizedText,
  NodeClass,
  nodesets,
  QualifiedName,
  type UAObject,
  type UAVariable,
} from "node-opcua";
import { generateAddressSpace } from "node-opcua-address-space/nodeJS.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareClassOf } from "#opcua/engine/bare-class.ts";
import { builtInTypeId, LeanNodes } from "#opcua/engine/lean-nodes.ts";
import { updateLive } from "#opcua/engine/live-variable.ts";
import { isObjectNode, isVariableNode } from "#opcua/engine/node-guards.ts";
import type { NodeTemplate } from "#opcua/engine/node-template.ts";

/** Lean nodes leave out what node-opcua's constructors put into each node; nothing else may notice. */

let addressSpace: AddressSpace;
let lean: LeanNodes;
let folder: UAObject;
const displayName = [new LocalizedText({ text: "Shown" })];

beforeAll(async () => {
  addressSpace = AddressSpace.create();
  await generateAddressSpace(addressSpace, [nodesets.standard]);
  const namespace = addressSpace.registerNamespace("urn:test:lean");
  lean = new LeanNodes(addressSpace, namespace);
  folder = addressSpace.rootFolder.objects;
}, 60_000);

afterAll(() => {
  addressSpace.dispose();
});

function template(name: string, nodeClass: NodeTemplate["nodeClass"]): NodeTemplate {
  const type = nodeClass === NodeClass.Object ? "BaseObjectType" : "BaseDataVariableType";
  const typeNode = addressSpace.findObjectType(type) ?? addressSpace.findVariableType(type);
  if (typeNode === null) throw new Error(`${type} is not there`);
  const variable = { dataType: builtInTypeId(DataType.Double), valueRank: -1, accessLevel: 5, historizing: true };
  return {
    nodeClass,
    browseName: new QualifiedName({ namespaceIndex: lean.namespace.index, name }),
    displayName,
    shared: [lean.sharedReference("HasTypeDefinition", typeNode)],
    ...(nodeClass === NodeClass.Object ? { isNotifier: true } : { variable }),
  };
}

/** What node-opcua's own API makes of the same facts. */
function stock(name: string, nodeClass: NodeTemplate["nodeClass"]): BaseNode {
  const about = { nodeId: `s=stock/${name}`, browseName: name, displayName, organizedBy: folder };
  if (nodeClass === NodeClass.Object) return lean.namespace.addObject({ ...about, eventNotifier: 1 });
  return lean.namespace.addVariable({
    ...about,
    dataType: DataType.Double,
    accessLevel: 5,
    userAccessLevel: 5,
    historizing: true,
    minimumSamplingInterval: 0,
  });
}

/** Every attribute but the NodeId and the value as a client reads it. */
function attributesOf(node: BaseNode): unknown[] {
  const ids = Object.values(AttributeIds).filter((id): id is AttributeIds => typeof id === "number");
  return ids
    .filter((id) => id !== AttributeIds.NodeId && id !== AttributeIds.Value && id !== AttributeIds.INVALID)
    .map((id) => {
      const { value, statusCode } = node.readAttribute(null, id);
      return [AttributeIds[id], statusCode.name, value.toJSON()];
    });
}

function referencesOf(node: BaseNode): string[] {
  return [BrowseDirection.Forward, BrowseDirection.Inverse].flatMap((direction) =>
    node
      .findReferencesEx("References", direction)
      .map(({ isForward, referenceType, nodeId }) => `${isForward} ${referenceType.toString()} ${nodeId.toString()}`),
  );
}

function typeOf(node: BaseNode): string {
  return isVariableNode(node) || isObjectNode(node) ? (node.typeDefinitionObj.browseName.name ?? "") : "";
}

function parentOf(node: BaseNode): BaseNode | null {
  return isVariableNode(node) || isObjectNode(node) ? node.parent : null;
}

describe.each([
  ["an object", NodeClass.Object],
  ["a variable", NodeClass.Variable],
] as const)("%s made without node-opcua's constructor", (_kind, nodeClass) => {
  it("has the attributes and references of one made with it", () => {
    const node = lean.add(template(`Same${nodeClass}`, nodeClass), `same${nodeClass}`, folder, "Organizes");
    const other = stock(`Same${nodeClass}`, nodeClass);

    expect(attributesOf(node)).toEqual(attributesOf(other));
    expect(referencesOf(node)).toEqual(referencesOf(other));
    expect(typeOf(node)).toEqual(typeOf(other));
    expect(parentOf(node) === parentOf(other)).toBe(true);
  });

  it("shares nothing that one of them changes", () => {
    const shape = template(`Own${nodeClass}`, nodeClass);
    const one = lean.add(shape, `one${nodeClass}`, folder, "Organizes");
    const other = lean.add(shape, `other${nodeClass}`, folder, "Organizes");
    const [attributes, references] = [attributesOf(other), referencesOf(other)];

    one.setDisplayName("Renamed");
    one.setDescription("Described");
    one.addReference({ referenceType: "HasComponent", nodeId: stock(`Child${nodeClass}`, NodeClass.Variable) });
    folder.addReference({ referenceType: "HasComponent", nodeId: one.nodeId });
    one.on("dispose", () => undefined);

    expect(one.getDisplayName("")).toBe("Renamed");
    expect(attributesOf(other)).toEqual(attributes);
    expect(referencesOf(other)).toEqual(references);
    expect(other.listenerCount("dispose")).toBe(0);
  });

  it("leaves nothing behind when it is removed, and the one beside it stays whole", () => {
    const shape = template(`Gone${nodeClass}`, nodeClass);
    const one = lean.add(shape, `gone${nodeClass}`, folder, "Organizes");
    const other = lean.add(shape, `stays${nodeClass}`, folder, "Organizes");
    const before = referencesOf(other);

    lean.unlink(folder, "Organizes", one);
    lean.remove([one]);

    expect(addressSpace.findNode(one.nodeId) === null).toBe(true);
    expect(referencesOf(folder).some((reference) => reference.includes(`gone${nodeClass}`))).toBe(false);
    expect(referencesOf(other)).toEqual(before);
    expect(typeOf(other)).toMatch(/^Base/);
  });
});

describe("a variable made without node-opcua's constructor", () => {
  it("has a value of its own", () => {
    const shape = template("Value", NodeClass.Variable);
    const [one, other] = ["v1", "v2"].map((key) => lean.add(shape, key, folder, "Organizes") as UAVariable);
    const now = new Date();
    if (one === undefined || other === undefined) throw new Error("not made");
    const about = { status: other.readValue().statusCode, sourceTime: now, serverTime: now };

    updateLive(one, { dataType: DataType.Double, value: 5, ...about });

    expect(one.readValue().value.value).toBe(5);
    expect(other.readValue().value.value).toBeNull();
  });
});

describe("a class of node-opcua with state of its own that the lean class does not know", () => {
  it("is refused instead of shared by all nodes", () => {
    expect(() => bareClassOf({ name: "", listeners: new Map() }, ["name"])).toThrow("listeners");
  });
});
