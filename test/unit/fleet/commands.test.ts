import { describe, expect, it } from "vitest";
import type { CommandOutcome } from "#model/command.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { TestFleet } from "../../support/test-fleet.ts";

function execute(fleet: TestFleet, command: string, role: PackageRole = "administrator"): Promise<CommandOutcome> {
  const by = { user: "anna", roles: [role], origin: "test" };
  return fleet.commands.execute({ device: fleet.breaker, command, inputs: [], by });
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | "no error"> {
  return promise.then(
    () => "no error",
    (error: unknown) => HostError.from(error)?.code ?? "no error",
  );
}

/** Lets `send` happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a command", () => {
  it("is confirmed by the position that the device reports afterwards", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 2);
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({ evidence: "CB-1 reported Position = 1" });
    expect(fleet.transport.sent.map(({ command }) => command.spec.name)).toEqual(["Trip"]);
  });

  it("is unconfirmed, not failed, when the breaker never reports", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 2);
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.clock.advance(1_999);
    fleet.sample("Position", 0);
    fleet.clock.advance(1);

    await expect(trip).rejects.toThrow(
      "CB-1 did not confirm Trip within 2000 ms: expected Position = 1; outcome unknown",
    );
  });

  it("is not confirmed by a historical value", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 2);
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.sample("Position", 1, fleet.clock.now(), SampleFlag.historical);
    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("is confirmed at once when the state already holds, because devices do not repeat it", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 1);

    await expect(execute(fleet, "Trip")).resolves.toMatchObject({ evidence: "CB-1 reported Position = 1" });
    expect(fleet.transport.sent).toHaveLength(1);
  });

  it("does not trust a stale state", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 1);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");

    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("is refused while another one is in flight, except that Trip pre-empts", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 0);
    const close = execute(fleet, "Close");
    await settled();

    expect(await codeOf(execute(fleet, "SelfTest"))).toBe("command-busy");
    const trip = execute(fleet, "Trip");

    expect(await codeOf(close)).toBe("cancelled");
    fleet.sample("Position", 1);
    await expect(trip).resolves.toBeDefined();
  });

  it("is not sent to a device that is not online", async () => {
    const fleet = new TestFleet();
    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "NDEATH of G/N");

    await expect(execute(fleet, "Trip")).rejects.toThrow("CB-1 is offline (NDEATH of G/N): Trip not sent");
    expect(fleet.transport.sent).toEqual([]);
  });

  it("ends as unknown when the device is lost while it waits", async () => {
    const fleet = new TestFleet();
    fleet.sample("Position", 2);
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "broker lost");

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("reports the device's own refusal with its reason", async () => {
    const fleet = new TestFleet();
    const test = execute(fleet, "SelfTest");
    await settled();

    fleet.ingest.acknowledged(fleet.breaker, {
      correlationId: fleet.transport.sent[0]?.command.correlationId,
      accepted: false,
      reason: "blocked by interlocking (10)",
      at: fleet.clock.now(),
    });

    await expect(test).rejects.toThrow("CB-1 refused SelfTest: blocked by interlocking (10)");
  });

  it("ignores an answer to another command", async () => {
    const fleet = new TestFleet();
    const test = execute(fleet, "SelfTest");
    await settled();

    fleet.ingest.acknowledged(fleet.breaker, { correlationId: "999", accepted: true, reason: undefined, at: 0 });
    fleet.clock.advance(2_000);

    expect(await codeOf(test)).toBe("command-unconfirmed");
  });

  it("needs the role that the package asks for", async () => {
    const fleet = new TestFleet();

    await expect(execute(fleet, "SelfTest", "operator")).rejects.toThrow(
      "anna may not do SelfTest on CB-1: it needs the role maintenance",
    );
    expect(await codeOf(execute(fleet, "Trip", "viewer"))).toBe("access-denied");
    expect(fleet.transport.sent).toEqual([]);
  });

  it("tells why it could not be sent", async () => {
    const fleet = new TestFleet();
    fleet.transport.onSend = () => {
      throw new Error("socket closed");
    };

    expect(await codeOf(execute(fleet, "Trip"))).toBe("command-not-sent");
  });
});
