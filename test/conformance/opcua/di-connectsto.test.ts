import { expect, it } from "vitest";
import { referencesOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI ConnectsTo", (context) => {
  it("connects the connection point of every device to a network of the NetworkSet", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const networks = (await referencesOf(client, `ns=${di};i=6078`, "HasComponent")).map(({ nodeId }) =>
      nodeId.toString(),
    );

    for (const { id } of fixture.fleet.registry.all()) {
      const point = await client.session.read({ nodeId: `ns=1;s=${id}/ConnectionPoint`, attributeId: 1 });
      const connected = await referencesOf(client, String(point.value.value), `ns=${di};i=6030`);

      expect(networks).toEqual(expect.arrayContaining(connected.map(({ nodeId }) => nodeId.toString())));
      expect(connected.length).toBeGreaterThan(0);
    }
  });
});
