import { expect, it } from "vitest";
import { referencesOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI Network", (context) => {
  it("every way to the devices is a network with a protocol as its component", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);
    const networks = await referencesOf(client, `ns=${di};i=6078`, "HasComponent");

    expect(networks.length).toBeGreaterThan(0);
    for (const network of networks) {
      expect(network.typeDefinition.toString()).toBe(`ns=${di};i=6247`);
      expect(await referencesOf(client, network.nodeId.toString(), "HasComponent")).not.toEqual([]);
    }
  });
});
