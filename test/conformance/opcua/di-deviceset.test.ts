import { BrowseDirection, NodeClass } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI DeviceSet", (context) => {
  it("is below Objects with the NodeId of the standard", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);

    expect(await client.browse(`/${di}:DeviceSet`)).toBe(`ns=${di};i=5001`);
  });

  it("holds every device of the fleet as a component, with its own name", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);

    const { references } = await client.session.browse({
      nodeId: `ns=${di};i=5001`,
      referenceTypeId: "HasComponent",
      browseDirection: BrowseDirection.Forward,
      nodeClassMask: NodeClass.Object,
      resultMask: 63,
    });

    const names = (references ?? []).map((reference) => reference.browseName.name);
    expect(names).toEqual(expect.arrayContaining([...fixture.fleet.registry.all()].map(({ id }) => id)));
  });
});
