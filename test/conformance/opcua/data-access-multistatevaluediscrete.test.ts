import { expect, it } from "vitest";
import { showsValue } from "../../support/opcua-fixture.ts";
import { targetOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { breakerUri, diUri, indexOf } from "./namespaces.ts";

conformanceUnit("Data Access MultiStateValueDiscrete", (context) => {
  it("shows an enumeration with its values, and the name of the current one as text", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const parameter = `/${di}:DeviceSet/1:CB-0011/${di}:ParameterSet/${await indexOf(client, breakerUri)}:Position`;
    const nodeId = await client.browse(parameter);
    const read = async (name: string): Promise<unknown> =>
      (await client.read(await client.browse(`${parameter}/0:${name}`))).value.value;

    expect(await targetOf(client, nodeId, "HasTypeDefinition")).toBe("ns=0;i=11238");
    const names = ((await read("EnumValues")) as { displayName: { text: string } }[]).map(
      ({ displayName }) => displayName.text,
    );
    expect(names).toEqual(["Intermediate", "Open", "Closed", "Bad"]);
    for (const [value, text] of [
      [1, "Open"],
      [2, "Closed"],
    ] as const) {
      fixture.feed("CB-0011", { Position: value });
      await showsValue(client, nodeId, value);
      expect(await read("ValueAsText")).toMatchObject({ text });
    }
  });
});
