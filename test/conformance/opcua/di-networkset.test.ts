import { expect, it } from "vitest";
import { referencesOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI NetworkSet", (context) => {
  it("is below Objects with the NodeId of the standard and holds the networks in use", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);

    expect(await client.browse(`/${di}:NetworkSet`)).toBe(`ns=${di};i=6078`);
    const names = (await referencesOf(client, `ns=${di};i=6078`, "HasComponent")).map(
      ({ browseName }) => browseName.name,
    );
    expect(names).toContain("SparkplugB");
  });
});
