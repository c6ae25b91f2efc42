import { AttributeIds, DataType, LocalizedText } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI TagNameplate", (context) => {
  it("lets AssetId and ComponentName be written, keeps them and tells who wrote them", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const nodeId = (name: string): Promise<string> => client.browse(`/${di}:DeviceSet/1:CB-0005/${di}:${name}`);
    const assetId = await nodeId("AssetId");
    const componentName = await nodeId("ComponentName");
    expect((await client.read(componentName)).value.value).toMatchObject({ text: "CB-0005" });

    const written = await client.session.write([
      {
        nodeId: assetId,
        attributeId: AttributeIds.Value,
        value: { value: { dataType: DataType.String, value: "A-17" } },
      },
      {
        nodeId: componentName,
        attributeId: AttributeIds.Value,
        value: { value: { dataType: DataType.LocalizedText, value: new LocalizedText({ text: "Feeder 3" }) } },
      },
    ]);

    expect(written.map(({ name }) => name)).toEqual(["Good", "Good"]);
    expect((await client.read(assetId)).value.value).toBe("A-17");
    expect((await client.read(componentName)).value.value).toMatchObject({ text: "Feeder 3" });
    expect(fixture.fleet.registry.records().find(({ id }) => id === "CB-0005")?.tag).toEqual({
      assetId: "A-17",
      componentName: "Feeder 3",
    });
    expect(fixture.fleet.audit.entries.findLast(({ action }) => action === "write assetId")).toMatchObject({
      user: "admin",
      device: "CB-0005",
      changes: [{ before: "", after: "A-17" }],
    });
  });

  it("refuses other types, texts that are too long, and users who may only look", async () => {
    const { client, fixture } = context();
    const nodeId = "ns=1;s=CB-0005/Nameplate/AssetId";
    const write = (by: typeof client, value: object): Promise<string> =>
      by.session.write({ nodeId, attributeId: AttributeIds.Value, value: { value } }).then(({ name }) => name);
    await using viewer = await fixture.as("viewer", "look");

    expect(await write(client, { dataType: DataType.Int32, value: 17 })).toBe("BadTypeMismatch");
    expect(await write(client, { dataType: DataType.String, value: "x".repeat(257) })).toBe("BadOutOfRange");
    expect(await write(viewer, { dataType: DataType.String, value: "mine" })).toBe("BadUserAccessDenied");
  });
});
