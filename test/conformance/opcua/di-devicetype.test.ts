import { AttributeIds, DataType, type NodeId } from "node-opcua-client";
import { expect, it } from "vitest";
import { targetOf, typeChain } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

/** Mandatory properties of DeviceType (OPC 10000-100, 4.6) and their data types. */
const mandatory = {
  Manufacturer: DataType.LocalizedText,
  Model: DataType.LocalizedText,
  HardwareRevision: DataType.String,
  SoftwareRevision: DataType.String,
  DeviceRevision: DataType.String,
  DeviceManual: DataType.String,
  SerialNumber: DataType.String,
  RevisionCounter: DataType.Int32,
};

conformanceUnit("DI DeviceType", (context) => {
  it.each(Object.entries(mandatory))("devices have %s with its data type and a Good value", async (name, dataType) => {
    const { client } = context();
    const di = await indexOf(client, diUri);
    const nodeId = await client.browse(`/${di}:DeviceSet/1:CB-0001/${di}:${name}`);

    const value = await client.read(nodeId);
    const declared = await client.session.read({ nodeId, attributeId: AttributeIds.DataType });

    expect(value.statusCode.name).toBe("Good");
    expect(value.value.dataType).toBe(dataType);
    expect((declared.value.value as NodeId).value).toBe(dataType);
  });

  it("is above the type of every device", async () => {
    const { client, fixture } = context();
    const deviceType = `ns=${await indexOf(client, diUri)};i=1002`;

    for (const { id } of fixture.fleet.registry.all()) {
      const type = await targetOf(client, `ns=1;s=${id}`, "HasTypeDefinition");
      expect(await typeChain(client, type)).toContain(deviceType);
    }
  });
});
