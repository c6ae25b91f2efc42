import { expect, it } from "vitest";
import { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Security User Anonymous", (context) => {
  it("lets anonymous visitors look where that is allowed", async () => {
    await using visitor = await context().fixture.visitor();

    expect((await visitor.read("ns=1;s=CB-0001/CurrentPhaseA")).statusCode.name).toBe("Good");
  });

  it("lets nobody in without a login where it is not", async () => {
    await using fixture = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });

    await expect(fixture.visitor()).rejects.toThrow();
  });
});
