import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { lock } from "./locking.ts";

conformanceUnit("DI BreakLocking", (context) => {
  it("lets an administrator, and nobody else, take another session's lock away", async () => {
    const { client, fixture } = context();
    await using other = await fixture.admin();
    await using viewer = await fixture.as("viewer", "look");
    const device = "CB-0008";
    await lock(other, device, "InitLock");

    expect((await lock(viewer, device, "BreakLock"))[0]).toBe("BadUserAccessDenied");
    expect(await lock(client, device, "BreakLock")).toEqual(["Good", 0]);
    expect((await client.read(`ns=1;s=${device}/Lock/Locked`)).value.value).toBe(false);
    expect(await lock(client, device, "BreakLock")).toEqual(["Good", -1]);
  });
});
