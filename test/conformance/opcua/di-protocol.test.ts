import { expect, it } from "vitest";
import { referencesOf, typeChain } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI Protocol", (context) => {
  it("networks say which protocol is spoken on them by a subtype of ProtocolType", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);
    const networks = await referencesOf(client, `ns=${di};i=6078`, "HasComponent");

    for (const network of networks) {
      const parts = await referencesOf(client, network.nodeId.toString(), "HasComponent");
      const chains = await Promise.all(parts.map(({ typeDefinition }) => typeChain(client, typeDefinition.toString())));

      expect(chains.some((chain) => chain.includes(`ns=${di};i=1006`))).toBe(true);
    }
  });
});
