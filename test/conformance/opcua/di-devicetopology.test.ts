import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI DeviceTopology", (context) => {
  it("is below Objects with the NodeId of the standard and says whether devices can be reached", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);

    expect(await client.browse(`/${di}:DeviceTopology`)).toBe(`ns=${di};i=6094`);
    const onlineAccess = await client.read(await client.browse(`/${di}:DeviceTopology/${di}:OnlineAccess`));
    expect(onlineAccess.value.value).toBe(true);
  });
});
