import { describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { awaited, codeOf, controlFleet, outcomeOf, settled, user } from "../../support/control-fleet.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

function write(fleet: TestFleet, parameter: string, value: ParameterValue, by = user("maintenance")) {
  return awaited(fleet.control.writes.write({ device: fleet.breaker, parameter, value, by }));
}

/** The device takes every value and reports it. */
function obedient(fleet: TestFleet): TestFleet {
  fleet.transport.onWrite = (device, { parameter, value }) => fleet.sampleOf(device, parameter.name, Number(value));
  return fleet;
}

describe("a parameter write", () => {
  it("is confirmed by the value that the device reports back", async () => {
    const fleet = controlFleet();
    const done = write(fleet, "ThermalPickup", 200.1);
    await settled();
    fleet.sample("ThermalPickup", 250);

    // What comes back went through a 32-bit float.
    fleet.sample("ThermalPickup", Math.fround(200.1));

    await expect(done).resolves.toMatchObject({ result: "confirmed", evidence: "CB-1 reported ThermalPickup = 200.1" });
    expect(fleet.transport.written).toMatchObject([{ write: { value: 200.1 } }]);
  });

  it("is not done when the device only says that it accepted it and goes on with the old value", async () => {
    const fleet = controlFleet();
    const done = write(fleet, "ThermalPickup", 200);
    await settled();
    const { correlationId } = fleet.transport.written[0]?.write ?? {};
    fleet.ingest.acknowledged(fleet.breaker, { correlationId, accepted: true, reason: undefined, at: 0 });
    fleet.sample("ThermalPickup", 250);
    fleet.clock.advance(30_000);

    expect(await outcomeOf(done)).toMatchObject({
      result: "unconfirmed",
      evidence:
        "CB-1 did not confirm ThermalPickup within 30000 ms, though it accepted it: expected ThermalPickup = 200; outcome unknown",
    });
  });

  it("ends with the device's own refusal", async () => {
    const fleet = controlFleet();
    const done = write(fleet, "ThermalPickup", 200);
    await settled();
    const { correlationId } = fleet.transport.written[0]?.write ?? {};
    const refusal = { accepted: false, reason: "26: Ii > Isd > Ir", addCause: 26, at: 0 };
    fleet.ingest.acknowledged(fleet.breaker, { correlationId, ...refusal });

    expect(await outcomeOf(done)).toMatchObject({ result: "rejected", addCause: 26 });
  });

  it("of a value that the device has already sends nothing", async () => {
    const fleet = controlFleet();

    await expect(write(fleet, "ThermalPickup", 250)).resolves.toMatchObject({ result: "confirmed" });
    expect(fleet.transport.written).toEqual([]);
  });

  it("of something that cannot be read back is accepted by the device's answer", async () => {
    const fleet = controlFleet();
    const done = write(fleet, "Secret", "abc");
    await settled();
    const { correlationId } = fleet.transport.written[0]?.write ?? {};
    fleet.ingest.acknowledged(fleet.breaker, { correlationId, accepted: true, reason: undefined, at: 0 });

    await expect(done).resolves.toMatchObject({ result: "accepted" });
  });

  it.each([
    ["Position", 1, "not-writable", "CB-1 Position cannot be written"],
    ["Ghost", 1, "parameter-unknown", 'TestBreaker has no parameter "Ghost"'],
    ["ThermalPickup", "200", "value-type-mismatch", "expected a value of type float"],
    ["ThermalPickup", Number.NaN, "value-type-mismatch", "expected a value of type float"],
    ["RecloseShots", 1.5, "value-type-mismatch", "expected a value of type int32"],
    ["ThermalPickup", 251, "value-out-of-range", "CB-1 ThermalPickup: 251: expected 100 to 250"],
    ["OvercurrentDelay", 120, "value-out-of-range", "120: expected steps of 50 from 0"],
    ["InstantaneousPickup", 900, "rule-violated", "rule Selectivity: Ii must be above Isd"],
    ["OvercurrentPickup", 2000, "rule-violated", "rule Selectivity: Ii must be above Isd"],
  ] as const)("of %s = %s is refused before anything is sent", async (parameter, value, code, text) => {
    const fleet = controlFleet();
    const done = write(fleet, parameter, value, user("administrator"));

    await expect(done).rejects.toThrow(text);
    expect(await codeOf(done)).toBe(code);
    expect(fleet.transport.written).toEqual([]);
  });

  it("is blocked while its condition does not hold, or a rule cannot be checked", async () => {
    const fleet = obedient(controlFleet());
    fleet.sample("RemoteControlEnabled", 0);
    expect(await outcomeOf(write(fleet, "RecloseShots", 2))).toMatchObject({ addCause: AddCause.blockedByMode });

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");
    await expect(write(fleet, "InstantaneousPickup", 3000)).rejects.toThrow(
      "rule Selectivity: OvercurrentPickup of the device is not known",
    );
  });

  it("is refused while a command is under way: parameter change and command do not mix", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    const close = awaited(
      fleet.commands.execute({ device: fleet.breaker, command: "Close", inputs: [], by: user("operator") }),
    );
    expect(await outcomeOf(write(fleet, "ThermalPickup", 200))).toMatchObject({
      addCause: AddCause.commandAlreadyInExecution,
    });
    await settled();
    fleet.sample("Position", 2);
    await close;

    const done = write(fleet, "ThermalPickup", 200);
    const reset = fleet.commands.execute({ device: fleet.breaker, command: "Reset", inputs: [], by: user() });
    expect(await outcomeOf(awaited(reset))).toMatchObject({ addCause: AddCause.parameterChangeInExecution });
    await settled();
    fleet.sample("ThermalPickup", 200);
    await done;
  });

  it("gives way to Trip", async () => {
    const fleet = controlFleet();
    const done = write(fleet, "ThermalPickup", 200);
    await settled();
    const trip = fleet.commands.execute({ device: fleet.breaker, command: "Trip", inputs: [], by: user() });

    expect(await outcomeOf(done)).toMatchObject({ result: "unconfirmed", addCause: AddCause.abortionByTrip });
    await settled();
    fleet.sample("Position", 1);
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });
});

describe("several writes", () => {
  it("of one device are done in the order of the calls", async () => {
    const fleet = controlFleet();
    const values = [110, 120, 130];
    const writes = values.map((value) => write(fleet, "ThermalPickup", value));

    for (const value of values) {
      await settled();
      expect(fleet.transport.written.at(-1)?.write.value).toBe(value);
      fleet.sample("ThermalPickup", value);
    }

    await expect(Promise.all(writes)).resolves.toHaveLength(3);
  });

  it("of one device go on after one of them failed", async () => {
    const fleet = obedient(controlFleet());

    const codes = await Promise.all([200, 9_999, 210].map((value) => codeOf(write(fleet, "ThermalPickup", value))));

    expect(codes).toEqual(["no error", "value-out-of-range", "no error"]);
    expect(fleet.value("ThermalPickup").value).toBe(210);
  });

  it("of one device are limited in number, and the queue is empty again afterwards", async () => {
    const fleet = obedient(controlFleet());

    const codes = await Promise.all(
      Array.from({ length: 300 }, (_, i) => codeOf(write(fleet, "ThermalPickup", 100 + (i % 100)))),
    );

    expect(codes.filter((code) => code === "overloaded")).toHaveLength(44);
    await expect(write(fleet, "ThermalPickup", 222)).resolves.toMatchObject({ result: "confirmed" });
  });

  it("of different devices do not wait for each other", async () => {
    const fleet = controlFleet();
    const other = fleet.announce("CB-2", "G/N/CB-2");
    if (other === undefined) throw new Error("not admitted");
    fleet.ingest.presence(other, "online", fleet.clock.now(), "birth");
    const slow = write(fleet, "ThermalPickup", 200);
    const quick = fleet.control.writes.write({ device: other, parameter: "ThermalPickup", value: 200, by: user() });
    await settled();

    fleet.sampleOf(other, "ThermalPickup", 200);

    await expect(quick).resolves.toMatchObject({ result: "confirmed" });
    fleet.clock.advance(30_000);
    expect(await codeOf(slow)).toBe("command-unconfirmed");
  });
});
