import { expect, it } from "vitest";
import { referencesOf, typeChain } from "./browse.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Data Access DataItems", (context) => {
  it("shows every parameter with a unit, an enumeration or named states as a DataItem", async () => {
    const { client, fixture } = context();
    const { parameters } = fixture.device("CB-0001").package;
    const expected = parameters.filter(
      ({ unit, enumeration, states }) => unit !== undefined || enumeration.length > 0 || states !== undefined,
    );
    const types = new Map(
      (await referencesOf(client, "ns=1;s=CB-0001/ParameterSet", "HasComponent")).map((reference) => [
        reference.browseName.name,
        reference.typeDefinition.toString(),
      ]),
    );

    expect(expected.length).toBeGreaterThan(30);
    for (const type of new Set(expected.map(({ name }) => types.get(name) ?? ""))) {
      expect(await typeChain(client, type)).toContain("ns=0;i=2365");
    }
  });
});
