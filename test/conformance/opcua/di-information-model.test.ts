import { AttributeIds } from "node-opcua-client";
import { expect, it } from "vitest";
import { referencesOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI Information Model", (context) => {
  it("has the namespace of OPC UA DI with its version in Server/Namespaces", async () => {
    const { client } = context();
    const metadata = (await referencesOf(client, "i=11715")).find(({ browseName }) => browseName.name === diUri);
    const properties = await referencesOf(client, metadata?.nodeId.toString() ?? "", "HasProperty");
    const version = properties.find(({ browseName }) => browseName.name === "NamespaceVersion");

    expect((await client.read(version?.nodeId.toString() ?? "")).value.value).toBe("1.05.0");
  });

  it.each([
    ["TopologyElementType", 1001],
    ["DeviceType", 1002],
    ["FunctionalGroupType", 1005],
    ["NetworkType", 6247],
    ["ConnectionPointType", 6308],
  ])("has %s with the NodeId of the standard", async (name, id) => {
    const { client } = context();
    const nodeId = `ns=${await indexOf(client, diUri)};i=${id}`;

    const browseName = await client.session.read({ nodeId, attributeId: AttributeIds.BrowseName });

    expect((browseName.value.value as { name: string }).name).toBe(name);
  });
});
