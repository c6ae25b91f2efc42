import { expect, it } from "vitest";
import { targetOf } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";
import { breakerUri, diUri, indexOf } from "./namespaces.ts";

conformanceUnit("Data Access AnalogUnitRangeType", (context) => {
  it("gives a number with a unit and limits its EURange and its EngineeringUnits", async () => {
    const { client } = context();
    const parameter = `/${await indexOf(client, diUri)}:DeviceSet/1:CB-0001/${await indexOf(client, diUri)}:ParameterSet/${await indexOf(client, breakerUri)}:CurrentPhaseA`;

    const type = await targetOf(client, await client.browse(parameter), "HasTypeDefinition");
    const range = (await client.read(await client.browse(`${parameter}/0:EURange`))).value.value as object;
    const unit = (await client.read(await client.browse(`${parameter}/0:EngineeringUnits`))).value.value as object;

    expect(type).toBe("ns=0;i=17570");
    expect(range).toMatchObject({ low: 0, high: 500 });
    expect(unit).toMatchObject({
      namespaceUri: "http://www.opcfoundation.org/UA/units/un/cefact",
      unitId: 0x414d50,
      displayName: { text: "A" },
    });
  });

  it("says Uncertain, not Good, of a value beyond the range", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0011", { CurrentPhaseA: 9_999 });

    const value = await client.read("ns=1;s=CB-0011/CurrentPhaseA");

    expect(value.statusCode.name).toBe("UncertainEngineeringUnitsExceeded");
  });
});
