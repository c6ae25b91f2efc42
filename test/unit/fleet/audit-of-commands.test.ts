import { describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import { awaited, codeOf, controlFleet, execute, outcomeOf, settled, user } from "../../support/control-fleet.ts";

describe("the audit of a command", () => {
  it("has who, what, from where and with which arguments before anything is sent, and the outcome after", async () => {
    const fleet = controlFleet();
    let before: string[] = [];
    fleet.transport.onSend = () => {
      before = fleet.audit.lines;
      fleet.sample("Position", 1);
    };

    const { commandId } = await execute(fleet, "Trip", user("operator", "anna"), ["smoke in panel 3"]);
    await settled();

    expect(before).toEqual(["intent Trip"]);
    expect(fleet.audit.entries).toMatchObject([
      {
        kind: "intent",
        commandId,
        user: "anna",
        origin: "test anna",
        device: "CB-1",
        action: "Trip",
        arguments: { Reason: "smoke in panel 3" },
      },
      {
        kind: "outcome",
        commandId,
        user: "anna",
        result: "confirmed",
        addCause: 0,
        detail: "CB-1 reported Position = 1",
      },
    ]);
  });

  it("has what was not let through, and why", async () => {
    const fleet = controlFleet();
    await codeOf(execute(fleet, "Trip", user("viewer", "otto")));

    expect(fleet.audit.entries).toMatchObject([
      { kind: "refused", user: "otto", action: "Trip", result: "not-sent", addCause: AddCause.noAccessAuthority },
    ]);
  });

  it("has the old and the new value of a setting", async () => {
    const fleet = controlFleet();
    fleet.transport.onWrite = (_device, { value }) => fleet.sample("OvercurrentDelay", Number(value));
    await fleet.control.writes.write({ device: fleet.breaker, parameter: "OvercurrentDelay", value: 100, by: user() });

    expect(fleet.audit.entries[0]).toMatchObject({
      kind: "intent",
      action: "write OvercurrentDelay",
      changes: [{ parameter: "OvercurrentDelay", before: 200, after: 100 }],
    });
  });
});

describe("an audit that cannot be written", () => {
  it("stops Close and settings, which are not sent", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    fleet.audit.failure = "no space left on device";

    expect(await outcomeOf(execute(fleet, "Close"))).toMatchObject({
      result: "not-sent",
      evidence: "CB-1: Close not sent, because the audit cannot be written: no space left on device",
    });
    const write = fleet.control.writes.write({
      device: fleet.breaker,
      parameter: "ThermalPickup",
      value: 200,
      by: user(),
    });
    expect(await codeOf(awaited(write))).toBe("audit-unavailable");
    expect(fleet.transport.sent).toEqual([]);
    expect(fleet.transport.written).toEqual([]);
  });

  it("does not stop Trip, which raises the warning until the audit works again and has what it missed", async () => {
    const fleet = controlFleet();
    fleet.audit.failure = "no space left on device";
    fleet.transport.onSend = () => fleet.sample("Position", 1);

    await expect(execute(fleet, "Trip")).resolves.toMatchObject({ result: "confirmed" });
    await settled();
    expect(fleet.control.warnings.all()).toMatchObject([
      { name: "audit-unavailable", device: undefined, text: "the audit cannot be written: no space left on device" },
    ]);

    fleet.audit.failure = undefined;
    fleet.sample("Position", 2);
    await execute(fleet, "Trip");
    await settled();

    expect(fleet.control.warnings.all()).toEqual([]);
    expect(fleet.audit.entries.map(({ kind, commandId }) => `${kind} ${commandId}`).sort()).toEqual([
      "intent 1",
      "intent 2",
      "outcome 1",
      "outcome 2",
    ]);
  });

  it("that hangs holds up Trip for 200 ms at most, and Close for 2 s, which is then not sent even if the disk comes back", async () => {
    const fleet = controlFleet();
    const disk = Promise.withResolvers<void>();
    fleet.audit.stalled = disk.promise;
    const trip = execute(fleet, "Trip");
    await settled();
    expect(fleet.transport.sent).toEqual([]);

    fleet.clock.advance(200);
    await settled();
    expect(fleet.transport.sent).toHaveLength(1);
    fleet.sample("Position", 1);
    await trip;

    const close = execute(fleet, "Close");
    fleet.clock.advance(2_000);
    expect(await codeOf(close)).toBe("audit-unavailable");
    disk.resolve();
    await settled();
    expect(fleet.transport.sent).toHaveLength(1);
    // Its intent came through in the end: the outcome says that it was never sent.
    expect(fleet.audit.entries.filter(({ action }) => action === "Close")).toMatchObject([
      { kind: "intent" },
      { kind: "outcome", result: "not-sent" },
    ]);
  });
});
