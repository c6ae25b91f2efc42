import { BrowseDirection } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI Identification", (context) => {
  it("every device has the functional group Identification of DI, which organizes what identifies it", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);
    const group = await client.browse(`/${di}:DeviceSet/1:CB-0001/${di}:Identification`);

    const { references } = await client.session.browse({
      nodeId: group,
      referenceTypeId: "Organizes",
      browseDirection: BrowseDirection.Forward,
      includeSubtypes: true,
      nodeClassMask: 0,
      resultMask: 63,
    });

    const names = (references ?? []).map((reference) => reference.browseName.name);
    expect(names).toEqual(expect.arrayContaining(["SerialNumber", "Manufacturer", "Model"]));
  });
});
