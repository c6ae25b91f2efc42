import { expect, it } from "vitest";
import { showsValue } from "../../support/opcua-fixture.ts";
import { targetOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { breakerUri, diUri, indexOf } from "./namespaces.ts";

conformanceUnit("Data Access TwoState", (context) => {
  it("shows a boolean whose states have names, with both names", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const parameter = `/${di}:DeviceSet/1:CB-0011/${di}:ParameterSet/${await indexOf(client, breakerUri)}:TripState`;
    const nodeId = await client.browse(parameter);
    const text = async (name: string): Promise<unknown> =>
      (await client.read(await client.browse(`${parameter}/0:${name}`))).value.value;

    expect(await targetOf(client, nodeId, "HasTypeDefinition")).toBe("ns=0;i=2373");
    expect(await text("TrueState")).toMatchObject({ text: "Tripped" });
    expect(await text("FalseState")).toMatchObject({ text: "Normal" });
    fixture.feed("CB-0011", { TripState: 1 });
    await showsValue(client, nodeId, true);
  });
});
