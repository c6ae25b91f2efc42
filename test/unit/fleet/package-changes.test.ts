import { beforeEach, describe, expect, it } from "vitest";
import type { RegistryChange } from "#fleet/registry.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { controlFleet, execute, user } from "../../support/control-fleet.ts";
import { controlPackage } from "../../support/control-package.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

/** The next revision: Position comes first, a new parameter joins, TripState is gone. */
function nextRevision(): DevicePackage {
  const pkg = controlPackage();
  const kept = pkg.parameters.filter(({ name }) => name !== "TripState");
  const position = kept.find(({ name }) => name === "Position");
  const others = kept.filter(({ name }) => name !== "Position");
  const added = position === undefined ? [] : [{ ...position, name: "BackupPosition" }];
  const parameters = [...(position === undefined ? [] : [position]), ...added, ...others].map((spec, index) => ({
    ...spec,
    index,
  }));
  return definePackage({ ...pkg, revision: "2.0.0", parameters, alarms: [], rules: [] });
}

let fleet: TestFleet;
let key: string;

beforeEach(() => {
  fleet = controlFleet();
  const next = nextRevision();
  fleet.shelf.put(next);
  key = `${next.id}@2.0.0`;
});

function errorOf(attempt: () => unknown): HostError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HostError) return error;
  }
  throw new Error("nothing was thrown");
}

describe("giving a device another package", () => {
  it("keeps name, address, presence, settings and the values that both packages have; the rest waits", () => {
    const { breaker, registry, live, control, presence } = fleet;
    const settings = control.configurations.recordOf(breaker);
    const value = (name: string) => {
      const spec = successor.package.parameterByName.get(name);
      return spec === undefined ? undefined : live.get(successor, spec);
    };

    const successor = fleet.packageChanges.change(breaker, key, user("maintenance"));

    expect(successor).toMatchObject({ id: "CB-1", address: breaker.address, package: { revision: "2.0.0" } });
    expect(registry.get("CB-1")).toBe(successor);
    expect(registry.findByAddress("sparkplug", breaker.address)).toBe(successor);
    expect(registry.holds(breaker)).toBe(false);
    expect(value("Position")).toMatchObject({ value: 2, quality: Quality.good });
    expect(value("ThermalPickup")).toMatchObject({ value: 250 });
    expect(value("BackupPosition")).toMatchObject({ value: undefined, quality: Quality.badWaitingForInitialData });
    expect(presence.of(successor).state).toBe("online");
    expect(control.configurations.recordOf(successor)).toEqual(settings);
    expect(control.configurations.recordOf(breaker)).toBeUndefined();
  });

  it("asks the device to introduce itself again, and records who did it", () => {
    fleet.packageChanges.change(fleet.breaker, key, user("maintenance"));

    expect(fleet.transport.readmitted).toEqual(["G/N/CB-1"]);
    expect(fleet.audit.entries.at(-1)).toMatchObject({
      kind: "package",
      user: "maintenance",
      device: "CB-1",
      action: `change package to ${key}`,
      detail: `it had ${fleet.breaker.package.id}@${fleet.breaker.package.revision}`,
    });
  });

  it("tells listeners that the old record is replaced, not gone, and drops what still arrives for it", () => {
    const changes: RegistryChange[] = [];
    fleet.registry.onChange((change) => changes.push(change));

    const successor = fleet.packageChanges.change(fleet.breaker, key, user("maintenance"));
    fleet.sample("ThermalPickup", 999);

    expect(changes).toEqual([
      { kind: "removed", device: fleet.breaker, counterpart: successor },
      { kind: "added", device: successor, counterpart: fleet.breaker },
    ]);
    const spec = successor.package.parameterByName.get("ThermalPickup");
    expect(spec === undefined ? undefined : fleet.live.get(successor, spec).value).toBe(250);
  });

  it("gives the slots back: a hundred changes there and back need no more room", () => {
    const own = `${fleet.breaker.package.id}@${fleet.breaker.package.revision}`;
    const slots = new Set<number>();
    let device = fleet.breaker;
    for (let i = 0; i < 100; i += 1) {
      device = fleet.packageChanges.change(device, i % 2 === 0 ? key : own, user("maintenance"));
      slots.add(device.firstSlot);
    }
    expect(slots.size).toBeLessThanOrEqual(3);
  });

  it("is refused to operators, for unknown packages, under another's lock and while a command is under way", async () => {
    const { breaker, packageChanges, control } = fleet;
    const attempt = (by = user("maintenance"), to = key) => errorOf(() => packageChanges.change(breaker, to, by));

    expect(attempt(user("operator"))).toMatchObject({ code: "access-denied" });
    expect(attempt(user("maintenance"), "acme/none@1.0.0")).toMatchObject({
      code: "argument-invalid",
      message: expect.stringContaining(`of its own there are ${breaker.package.id}@`) as unknown,
    });
    control.locks.init(breaker, user("operator", "olga"), "");
    expect(attempt()).toMatchObject({ code: "device-locked", message: expect.stringContaining("olga") as unknown });
    control.locks.exit(breaker, user("operator", "olga"));
    void execute(fleet, "Trip");
    expect(attempt()).toMatchObject({ code: "command-busy", message: expect.stringContaining("Trip") as unknown });
    expect(fleet.registry.get("CB-1")).toBe(breaker);
  });
});
