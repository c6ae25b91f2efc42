import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Base Info Diagnostics", (context) => {
  it("counts the sessions that are open", async () => {
    const { client, fixture } = context();
    const count = async () => Number((await client.read("i=2277")).value.value);
    const before = await count();

    await using _visitor = await fixture.visitor();

    expect(await count()).toBe(before + 1);
  });
});
