import { AttributeIds, DataType } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { lock } from "./locking.ts";

conformanceUnit("DI Locking", (context) => {
  it("keeps others from changing the device, shows its holder, and lets go", async () => {
    const { client, fixture } = context();
    fixture.obeyWrites();
    await using other = await fixture.admin();
    const device = "CB-0007";
    const read = async (name: string): Promise<unknown> =>
      (await client.read(`ns=1;s=${device}/Lock/${name}`)).value.value;
    const write = (by: typeof client, value: number): Promise<string> =>
      by.session
        .write({
          nodeId: `ns=1;s=${device}/ThermalPickup`,
          attributeId: AttributeIds.Value,
          value: { value: { dataType: DataType.Float, value } },
        })
        .then(({ name }) => name);

    expect(await lock(client, device, "InitLock")).toEqual(["Good", 0]);
    expect([await read("Locked"), await read("LockingUser")]).toEqual([true, "admin"]);
    expect(await read("RemainingLockTime")).toBeGreaterThan(0);
    expect(await write(other, 150)).toBe("BadLocked");
    expect(await write(client, 150)).toBe("Good");
    expect(await lock(other, device, "InitLock")).toEqual(["Good", -1]);
    expect(await lock(client, device, "RenewLock")).toEqual(["Good", 0]);

    expect(await lock(client, device, "ExitLock")).toEqual(["Good", 0]);
    expect([await read("Locked"), await read("LockingUser")]).toEqual([false, ""]);
    expect(await lock(client, device, "ExitLock")).toEqual(["Good", -1]);
    expect(await write(other, 160)).toBe("Good");
  });

  it("publishes how long a silent client keeps a lock", async () => {
    expect((await context().client.read("ns=2;i=6387")).value.value).toBe(60_000);
  });
});
