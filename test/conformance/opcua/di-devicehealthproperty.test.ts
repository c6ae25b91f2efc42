import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI DeviceHealthProperty", (context) => {
  it("every device has DeviceHealth with one of the five values of the enumeration", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const ids = [...fixture.fleet.registry.all()].map(({ id }) => id).filter((id) => id !== "CB-1");

    const values = await Promise.all(
      ids.map(
        async (id) => (await client.read(await client.browse(`/${di}:DeviceSet/1:${id}/${di}:DeviceHealth`))).value,
      ),
    );

    expect(ids.length).toBeGreaterThan(12);
    for (const { value } of values) expect([0, 1, 2, 3, 4]).toContain(value);
  });
});
