import { describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { codeOf, controlFleet, execute, outcomeOf, settled, user } from "../../support/control-fleet.ts";
import { TestFleet } from "../../support/test-fleet.ts";

describe("a command", () => {
  it("is confirmed by the position that the device reports afterwards", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({
      result: "confirmed",
      addCause: 0,
      evidence: "CB-1 reported Position = 1",
    });
    expect(fleet.transport.sent.map(({ command }) => command.spec.name)).toEqual(["Trip"]);
  });

  it("is not confirmed by a historical value", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.sample("Position", 1, fleet.clock.now(), SampleFlag.historical);
    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("is confirmed at once when the state already holds, because devices do not repeat it", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);

    await expect(execute(fleet, "Trip")).resolves.toMatchObject({ evidence: "CB-1 reported Position = 1" });
    expect(fleet.transport.sent).toHaveLength(1);
  });

  it("does not trust a stale state", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");

    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("is accepted, not confirmed, where the package asks for nothing but the device's answer", async () => {
    const fleet = new TestFleet();
    const test = execute(fleet, "SelfTest");
    await settled();

    const { correlationId } = fleet.transport.sent[0]?.command ?? {};
    fleet.ingest.acknowledged(fleet.breaker, { correlationId, accepted: true, reason: undefined, at: 0 });

    await expect(test).resolves.toMatchObject({ result: "accepted", evidence: "CB-1 answered that it did SelfTest" });
  });

  it("needs the role that the package asks for", async () => {
    const fleet = controlFleet();

    await expect(execute(fleet, "SelfTest", user("operator"))).rejects.toThrow(
      "operator may not do SelfTest on CB-1: it needs the role maintenance",
    );
    expect(await outcomeOf(execute(fleet, "Trip", user("viewer")))).toMatchObject({
      result: "not-sent",
      addCause: AddCause.noAccessAuthority,
    });
    expect(fleet.transport.sent).toEqual([]);
  });

  it("takes only arguments that its package allows, and fills in their defaults", async () => {
    const fleet = controlFleet();

    await expect(execute(fleet, "Reset", user(), ["Everything"])).rejects.toThrow(
      'Reset: argument ResetType: "Everything" is none of Alarms, Counters, ThermalMemory',
    );
    expect(await codeOf(execute(fleet, "Trip", user(), [1]))).toBe("argument-invalid");
    expect(await codeOf(execute(fleet, "Trip", user(), ["x".repeat(5_000)]))).toBe("argument-invalid");
    expect(await codeOf(execute(fleet, "Trip", user(), ["a", "b"]))).toBe("argument-invalid");
    expect(await codeOf(execute(fleet, "Explode"))).toBe("command-unknown");
    expect(fleet.transport.sent).toEqual([]);

    const reset = execute(fleet, "Reset");
    await settled();
    fleet.clock.advance(4_000);
    await reset;
    expect(fleet.transport.sent[0]?.command.inputs).toEqual(["Counters"]);
  });

  it("is not sent to a device that is not online", async () => {
    const fleet = controlFleet();
    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "NDEATH of G/N");

    await expect(execute(fleet, "Trip")).rejects.toThrow("CB-1 is offline (NDEATH of G/N): Trip not sent");
    expect(fleet.transport.sent).toEqual([]);
  });

  it("tells why it could not be sent", async () => {
    const fleet = controlFleet();
    fleet.transport.onSend = () => {
      throw new Error("socket closed");
    };

    expect(await outcomeOf(execute(fleet, "Trip"))).toMatchObject({
      result: "not-sent",
      evidence: "Trip could not be sent to CB-1: socket closed",
    });
    expect(await codeOf(execute(fleet, "Trip"))).toBe("command-not-sent");
  });
});

describe("Close", () => {
  it("is blocked by the interlocks of its package, with their cause", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    fleet.sample("TripState", 1);
    expect(await outcomeOf(execute(fleet, "Close"))).toMatchObject({
      addCause: AddCause.blockedByInterlocking,
      evidence: "CB-1: Close is blocked: the trip is latched: reset it first",
    });

    fleet.sample("TripState", 0);
    fleet.sample("RemoteControlEnabled", 0);
    expect(await outcomeOf(execute(fleet, "Close"))).toMatchObject({ addCause: AddCause.blockedByMode });
    expect(await codeOf(execute(fleet, "Close"))).toBe("interlocked");
    expect(fleet.transport.sent).toEqual([]);
  });

  it("is blocked while an interlock cannot be told; Trip never is", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");
    fleet.sample("Position", 1);

    await expect(execute(fleet, "Close")).rejects.toThrow("TripState of the device is not known");
    await expect(execute(fleet, "Trip")).resolves.toMatchObject({ result: "confirmed" });
  });

  it("sends nothing to a breaker that is closed: position reached", async () => {
    const fleet = controlFleet();

    expect(await execute(fleet, "Close")).toMatchObject({ result: "confirmed", addCause: AddCause.positionReached });
    expect(fleet.transport.sent).toEqual([]);
  });
});

describe("Reset", () => {
  it("needs the role of the kind of reset", async () => {
    const fleet = controlFleet();
    const denied = async (role: "operator" | "maintenance", kind: string) =>
      (await codeOf(execute(fleet, "Reset", user(role), [kind]))) === "access-denied";
    fleet.transport.onSend = (device, command) => {
      const { correlationId } = command;
      fleet.ingest.acknowledged(device, { correlationId, accepted: true, reason: undefined, at: 0 });
    };

    expect(await denied("operator", "Alarms")).toBe(false);
    expect(await denied("operator", "Counters")).toBe(true);
    expect(await denied("maintenance", "Counters")).toBe(false);
    expect(await denied("maintenance", "ThermalMemory")).toBe(true);
  });

  it("gives the device a moment to refuse what would not change its state", async () => {
    const fleet = controlFleet();
    const reset = execute(fleet, "Reset");
    await settled();
    fleet.clock.advance(499);

    fleet.ingest.acknowledged(fleet.breaker, {
      correlationId: fleet.transport.sent[0]?.command.correlationId,
      accepted: false,
      reason: "blocked by mode",
      addCause: AddCause.blockedByMode,
      at: 0,
    });

    expect(await outcomeOf(reset)).toMatchObject({ result: "rejected", addCause: AddCause.blockedByMode });
  });
});

describe("a test that passed before", () => {
  it("proves no new one: the result must have been another one meanwhile", async () => {
    const fleet = controlFleet();
    fleet.sample("SelfTestResult", 2);
    const test = execute(fleet, "SelfTest");
    await settled();

    fleet.sample("SelfTestResult", 2);
    await settled();
    fleet.sample("SelfTestResult", 1);
    fleet.sample("SelfTestResult", 2);

    await expect(test).resolves.toMatchObject({ result: "confirmed" });
    expect(fleet.audit.lines).toEqual(["intent SelfTest", "outcome SelfTest confirmed"]);
  });
});
