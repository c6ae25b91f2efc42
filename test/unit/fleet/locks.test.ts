import { describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import { awaited, codeOf, controlFleet, execute, outcomeOf, settled, user } from "../../support/control-fleet.ts";

const anna = user("operator", "anna");
const otto = user("administrator", "otto");

function locked() {
  const fleet = controlFleet();
  const { locks } = fleet.control;
  expect(locks.init(fleet.breaker, anna, "relay test")).toBe(0);
  return { fleet, locks, device: fleet.breaker };
}

describe("a locked device (OPC 10000-100, clause 7)", () => {
  it("says no to everyone else on every path, and yes to the holder", async () => {
    const { fleet, device } = locked();
    fleet.transport.onSend = () => fleet.sample("Position", 1);
    const { commands, writes, templates, tests } = fleet.control;
    const setting = { device, parameter: "ThermalPickup", value: 200 };

    expect(await outcomeOf(execute(fleet, "Trip", otto))).toMatchObject({
      result: "not-sent",
      addCause: AddCause.lockedByOtherClient,
      evidence: "CB-1 is locked by anna (relay test)",
    });
    expect(await codeOf(execute(fleet, "Close", otto))).toBe("device-locked");
    expect(await codeOf(awaited(writes.write({ ...setting, by: otto })))).toBe("device-locked");
    expect(await codeOf(awaited(templates.apply({ device, template: "Motor", by: otto })))).toBe("device-locked");
    expect(await codeOf(awaited(tests.start({ device, test: "SelfTest", inputs: [], by: otto })))).toBe(
      "device-locked",
    );
    expect(() => fleet.control.acceptConfiguration(device, otto)).toThrow("CB-1 is locked by anna");
    expect(fleet.transport.sent).toEqual([]);

    await expect(commands.execute({ device, command: "Trip", inputs: [], by: anna })).resolves.toMatchObject({
      result: "confirmed",
    });
  });

  it("cannot be locked again: -1", () => {
    const { locks, device } = locked();

    expect(locks.init(device, otto, "")).toBe(-1);
    expect(locks.init(device, anna, "")).toBe(-1);
    expect(locks.of(device)).toMatchObject({ user: "anna", application: "urn:test", context: "relay test" });
  });

  it("is given back by its holder only; what is not locked answers -1", () => {
    const { locks, device } = locked();

    expect(() => locks.exit(device, otto)).toThrow("CB-1 is locked by anna");
    expect(() => locks.renew(device, otto)).toThrow("CB-1 is locked by anna");
    expect(locks.exit(device, anna)).toBe(0);
    expect(locks.of(device)).toBeUndefined();
    for (const again of [locks.exit(device, anna), locks.renew(device, anna), locks.break(device, otto)]) {
      expect(again).toBe(-1);
    }
  });

  it("is broken by an administrator only", () => {
    const { locks, device } = locked();

    expect(() => locks.break(device, user("maintenance"))).toThrow("may not break the lock");
    expect(locks.break(device, otto)).toBe(0);
    expect(locks.of(device)).toBeUndefined();
  });

  it("is free again after MaxInactiveLockTime without a word from its holder", () => {
    const { fleet, locks, device } = locked();
    fleet.clock.advance(40_000);
    expect(locks.remainingMs(device)).toBe(20_000);

    expect(locks.renew(device, anna)).toBe(0);
    expect(locks.remainingMs(device)).toBe(60_000);
    fleet.clock.advance(59_999);
    expect(locks.of(device)).toBeDefined();
    fleet.clock.advance(1);

    expect(locks.of(device)).toBeUndefined();
    expect(locks.remainingMs(device)).toBe(0);
  });

  it("stays locked while its holder's command is under way, and its time starts again with the end of it", async () => {
    const { fleet, locks, device } = locked();
    fleet.clock.advance(59_000);
    const trip = execute(fleet, "Trip", anna);
    await settled();
    fleet.clock.advance(1_500);

    expect(locks.of(device)).toBeDefined();
    fleet.sample("Position", 1);
    await trip;

    expect(locks.remainingMs(device)).toBe(60_000);
  });

  it("is free when the session of its holder ends, whatever the clock does", () => {
    const { fleet, locks, device } = locked();
    fleet.clock.jump(86_400_000);
    expect(locks.remainingMs(device)).toBe(60_000);

    fleet.control.sessionEnded("session of otto");
    expect(locks.of(device)).toBeDefined();
    fleet.control.sessionEnded("session of anna");

    expect(locks.of(device)).toBeUndefined();
  });

  it("is not for viewers", () => {
    const fleet = controlFleet();

    expect(() => fleet.control.locks.init(fleet.breaker, user("viewer"), "")).toThrow("needs the role operator");
  });

  it("is in the audit: who took it, who gave or took it away, and why", async () => {
    const { fleet, locks, device } = locked();
    locks.break(device, otto);
    locks.init(device, anna, "");
    fleet.clock.advance(60_000);
    await settled();

    expect(fleet.audit.entries.map(({ action, user: who, detail }) => [action, who, detail])).toEqual([
      ["InitLock", "anna", "relay test"],
      ["BreakLock", "otto", "held by anna"],
      ["InitLock", "anna", undefined],
      ["ExitLock", "anna", "its time was over"],
    ]);
  });
});
