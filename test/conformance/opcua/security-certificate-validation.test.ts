import { expect, it } from "vitest";
import { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Security Certificate Validation", () => {
  it("refuses a client whose certificate nobody has trusted", async () => {
    await using fixture = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });

    await expect(fixture.admin()).rejects.toThrow();
  });
});
