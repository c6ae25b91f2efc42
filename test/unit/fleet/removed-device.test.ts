import { describe, expect, it } from "vitest";
import type { ConfirmRule } from "#model/command-spec.ts";
import { definePackage } from "#model/define-package.ts";
import { codeOf, controlFleet, execute, settled, user } from "../../support/control-fleet.ts";
import { controlPackage } from "../../support/control-package.ts";
import { TestFleet } from "../../support/test-fleet.ts";

describe("a device that is removed from the host", () => {
  it("leaves nothing behind: its commands end as unknown, its lock, selection, test and warning are gone", async () => {
    const fleet = controlFleet();
    const { control, breaker } = fleet;
    fleet.sample("ThermalPickup", 180);
    control.locks.init(breaker, user("operator"), "");
    const trip = execute(fleet, "Trip", user("operator"));
    await settled();

    control.forget(breaker);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
    await settled();
    expect(control.locks.of(breaker)).toBeUndefined();
    expect(control.warnings.all()).toEqual([]);
    expect(control.configurations.recordOf(breaker)).toBeUndefined();
    expect(fleet.clock.pending).toBe(0);
  });
});

describe("a state that may be reported in several ways", () => {
  it("proves a command by any of them", async () => {
    // Some breakers say Tripped (here: 3) where others say Open.
    const confirm: ConfirmRule = { by: "state", parameter: "Position", equals: 1, or: [3] };
    const pkg = controlPackage();
    const commands = pkg.commands.map((spec) => (spec.name === "Trip" ? { ...spec, confirm } : spec));
    const fleet = new TestFleet([], definePackage({ ...pkg, commands }));
    fleet.sample("Position", 2);

    const command = execute(fleet, "Trip");
    await settled();
    fleet.sample("Position", 3);

    await expect(command).resolves.toMatchObject({ evidence: "CB-1 reported Position = 3" });
  });
});
