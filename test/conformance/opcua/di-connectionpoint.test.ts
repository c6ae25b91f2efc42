import { expect, it } from "vitest";
import { referencesOf, typeChain } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI ConnectionPoint", (context) => {
  it("every device has a connection point with its address in NetworkAddress", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);

    for (const device of fixture.fleet.registry.all()) {
      const components = await referencesOf(client, `ns=1;s=${device.id}`, "HasComponent");
      const point = await connectionPointAmong(components, `ns=${di};i=6308`);
      const parts = await referencesOf(client, point, "HasComponent");
      const group = parts.find(({ browseName }) => browseName.toString() === `${di}:NetworkAddress`);
      const addresses = await referencesOf(client, group?.nodeId.toString() ?? "", "Aggregates");
      const organized = await referencesOf(client, group?.nodeId.toString() ?? "", "Organizes");
      const values = await Promise.all(
        [...addresses, ...organized].map(({ nodeId }) => client.read(nodeId.toString())),
      );

      expect(values.map(({ value }) => value.value as unknown)).toContain(device.address);
    }

    async function connectionPointAmong(
      components: Awaited<ReturnType<typeof referencesOf>>,
      type: string,
    ): Promise<string> {
      for (const { nodeId, typeDefinition } of components) {
        if (typeDefinition.isEmpty()) continue;
        if ((await typeChain(client, typeDefinition.toString())).includes(type)) return nodeId.toString();
      }
      throw new Error("no connection point");
    }
  });
});
