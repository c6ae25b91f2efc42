import { describe, expect, it } from "vitest";
import { TemplateError } from "#fleet/templates.ts";
import { AddCause } from "#model/add-cause.ts";
import { awaited, codeOf, controlFleet, settled, user } from "../../support/control-fleet.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

function apply(fleet: TestFleet, template: string, by = user("maintenance")) {
  return awaited(fleet.control.templates.apply({ device: fleet.breaker, template, by }));
}

/** The device takes every value but those of `refused`, and reports what it took. */
function device(fleet: TestFleet, refused?: { readonly parameter: string; readonly silent?: boolean }): void {
  fleet.transport.onWrite = (breaker, { parameter, value, correlationId }) => {
    if (parameter.name !== refused?.parameter) {
      fleet.sampleOf(breaker, parameter.name, Number(value));
    } else if (refused.silent !== true) {
      fleet.ingest.acknowledged(breaker, { correlationId, accepted: false, reason: "no", addCause: 26, at: 0 });
    }
  };
}

const written = (fleet: TestFleet): string[] =>
  fleet.transport.written.map(({ write }) => `${write.parameter.name}=${String(write.value)}`);

async function failureOf(promise: Promise<unknown>): Promise<TemplateError> {
  return promise.then(
    () => expect.fail("the template was applied"),
    (error: unknown) => (error instanceof TemplateError ? error : expect.fail(String(error))),
  );
}

describe("a template", () => {
  it("writes all of its settings, in an order that keeps the rules between them, and leaves out what is set already", async () => {
    const fleet = controlFleet();
    fleet.sample("ThermalPickup", 200);
    device(fleet);

    const outcome = await apply(fleet, "Motor");

    expect(written(fleet)).toEqual(["InstantaneousPickup=3000", "OvercurrentPickup=2400"]);
    expect(outcome).toMatchObject({ result: "confirmed", addCause: 0 });
    expect(outcome.settings.map(({ parameter, result }) => `${parameter} ${result}`)).toEqual([
      "ThermalPickup unchanged",
      "OvercurrentPickup applied",
      "InstantaneousPickup applied",
    ]);
  });

  it("is one command in the audit, with every old and new value", async () => {
    const fleet = controlFleet();
    device(fleet);
    await apply(fleet, "Motor");
    await settled();

    expect(fleet.audit.lines).toEqual(["intent template Motor", "outcome template Motor confirmed"]);
    expect(fleet.audit.entries[0]?.changes).toEqual([
      { parameter: "ThermalPickup", before: 250, after: 200 },
      { parameter: "OvercurrentPickup", before: 1000, after: 2400 },
      { parameter: "InstantaneousPickup", before: 2000, after: 3000 },
    ]);
  });

  it("sets everything back when the device refuses one of them", async () => {
    const fleet = controlFleet();
    device(fleet, { parameter: "OvercurrentPickup" });

    const error = await failureOf(apply(fleet, "Motor"));

    expect(error.outcome).toMatchObject({ result: "rejected", addCause: AddCause.inconsistentParameters });
    expect(error.settings).toMatchObject([
      { parameter: "ThermalPickup", result: "restored" },
      { parameter: "OvercurrentPickup", result: "failed", detail: "CB-1 refused OvercurrentPickup: no" },
      { parameter: "InstantaneousPickup", result: "restored" },
    ]);
    expect([fleet.value("ThermalPickup").value, fleet.value("InstantaneousPickup").value]).toEqual([250, 2000]);
  });

  it("sets back what it does not know to be set, too, and says so when it cannot", async () => {
    const fleet = controlFleet();
    device(fleet, { parameter: "InstantaneousPickup", silent: true });
    const promise = apply(fleet, "Motor");
    await settled();
    fleet.clock.advance(30_000);
    await settled();
    fleet.clock.advance(30_000);

    const error = await failureOf(promise);

    expect(written(fleet)).toEqual(["ThermalPickup=200", "InstantaneousPickup=3000", "InstantaneousPickup=2000"]);
    expect(error).toMatchObject({ code: "command-unconfirmed", outcome: { result: "unconfirmed" } });
    expect(error.settings).toMatchObject([
      { parameter: "ThermalPickup", result: "unknown" },
      { parameter: "OvercurrentPickup", result: "not-tried" },
      { parameter: "InstantaneousPickup", result: "unknown" },
    ]);
  });

  it("sends nothing when one of its settings is out of range, and names it", async () => {
    const fleet = controlFleet();

    const error = await failureOf(apply(fleet, "Broken"));

    expect(error.code).toBe("value-out-of-range");
    expect(error.settings).toMatchObject([
      { parameter: "ThermalPickup", result: "not-tried" },
      { parameter: "OvercurrentPickup", result: "failed", code: "value-out-of-range" },
    ]);
    expect(fleet.transport.written).toEqual([]);
  });

  it("gives way to Trip, and sets back what it wrote when the trip is through", async () => {
    const fleet = controlFleet();
    device(fleet, { parameter: "InstantaneousPickup", silent: true });
    const promise = apply(fleet, "Motor");
    await settled();

    const trip = fleet.commands.execute({ device: fleet.breaker, command: "Trip", inputs: [], by: user() });
    await settled();
    expect(written(fleet)).toHaveLength(2);
    device(fleet);
    fleet.sample("Position", 1);
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });

    const error = await failureOf(promise);
    expect(error.outcome).toMatchObject({ result: "rejected", addCause: AddCause.abortionByTrip });
    expect(fleet.value("ThermalPickup").value).toBe(250);
  });

  it("does not try to set anything back in a device that is gone", async () => {
    const fleet = controlFleet();
    device(fleet, { parameter: "InstantaneousPickup", silent: true });
    const promise = apply(fleet, "Motor");
    await settled();

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "DDEATH");

    expect((await failureOf(promise)).outcome).toMatchObject({ result: "unconfirmed" });
    expect(written(fleet)).toHaveLength(2);
  });

  it("needs a name that the package knows, and the right to write every setting", async () => {
    const fleet = controlFleet();

    await expect(apply(fleet, "Ghost")).rejects.toThrow('CB-1 has no template "Ghost": its package has Motor, Broken');
    expect(await codeOf(apply(fleet, "Motor", user("operator")))).toBe("access-denied");
  });
});
