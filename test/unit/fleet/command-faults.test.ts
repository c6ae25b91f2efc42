import { describe, expect, it } from "vitest";
import type { Device } from "#fleet/device.ts";
import { AddCause } from "#model/add-cause.ts";
import type { CommandAck } from "#model/command.ts";
import { codeOf, controlFleet, execute, outcomeOf, settled, user } from "../../support/control-fleet.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

function answer(fleet: TestFleet, accepted: boolean, which = 0, more: Partial<CommandAck> = {}): void {
  const correlationId = fleet.transport.sent[which]?.command.correlationId;
  fleet.ingest.acknowledged(fleet.breaker, {
    correlationId,
    accepted,
    reason: undefined,
    at: fleet.clock.now(),
    ...more,
  });
}

const sentNames = (fleet: TestFleet): string[] => fleet.transport.sent.map(({ command }) => command.spec.name);

describe("a device that stays silent", () => {
  it("leaves Trip unknown, not failed, sent again once after half the time with the same id", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.clock.advance(999);
    expect(fleet.transport.sent).toHaveLength(1);
    fleet.clock.advance(1);
    expect(fleet.transport.sent).toHaveLength(2);
    fleet.sample("Position", 0);
    fleet.clock.advance(1_000);

    expect(await outcomeOf(trip)).toMatchObject({
      result: "unconfirmed",
      addCause: AddCause.timeLimitOver,
      evidence: "CB-1 did not confirm Trip within 2000 ms, sent 2 times: expected Position = 1; outcome unknown",
    });
    expect(await codeOf(trip)).toBe("command-unconfirmed");
    expect(new Set(fleet.transport.sent.map(({ command }) => command.correlationId)).size).toBe(1);
  });

  it("never gets Close twice", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    const close = execute(fleet, "Close");
    await settled();

    fleet.clock.advance(5_000);

    expect(await codeOf(close)).toBe("command-unconfirmed");
    expect(sentNames(fleet)).toEqual(["Close"]);
  });

  it("does not get Trip again when it has answered and only the contacts take their time", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();
    answer(fleet, true);

    fleet.clock.advance(1_500);
    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
    expect(sentNames(fleet)).toEqual(["Trip"]);
  });
});

describe("a device that answers late", () => {
  it("has its answer recorded, which makes no success of the command", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);
    await settled();

    fleet.sample("Position", 1);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
    await settled();
    expect(fleet.audit.entries.slice(-2)).toMatchObject([
      { kind: "outcome", result: "unconfirmed" },
      { kind: "late", commandId: "1", action: "Trip", detail: "CB-1 reported Position = 1 after it was given up" },
    ]);
    fleet.sample("Position", 1);
    expect(fleet.audit.entries.filter(({ kind }) => kind === "late")).toHaveLength(1);
  });

  it("has a late refusal recorded as well", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);
    await settled();
    answer(fleet, false, 0, { reason: "blocked by health" });

    expect(await codeOf(trip)).toBe("command-unconfirmed");
    await settled();
    expect(fleet.audit.entries.at(-1)).toMatchObject({
      kind: "late",
      detail: "CB-1 refused (blocked by health) Trip after it was given up",
    });
  });
});

describe("a device that answers twice", () => {
  it("is taken at its first word", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    answer(fleet, false, 0, { reason: "blocked by health", addCause: AddCause.blockedByHealth });
    answer(fleet, true);
    fleet.sample("Position", 1);

    expect(await outcomeOf(trip)).toMatchObject({ result: "rejected", addCause: AddCause.blockedByHealth });
    await settled();
    expect(fleet.audit.lines).toEqual(["intent Trip", "outcome Trip rejected"]);
  });
});

describe("a device that rejects", () => {
  it("is quoted with its reason", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    answer(fleet, false, 0, { reason: "blocked by interlocking (10)", addCause: 10 });

    await expect(trip).rejects.toThrow("CB-1 refused Trip: blocked by interlocking (10)");
    expect(await codeOf(trip)).toBe("command-rejected");
  });

  it("cannot refuse somebody else's command", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    answer(fleet, false, 0, { correlationId: "999" });
    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });
});

describe("a device that dies mid-command", () => {
  it("leaves the outcome unknown at once, and a birth that proves it is late", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "DDEATH");

    expect(await outcomeOf(trip)).toMatchObject({
      result: "unconfirmed",
      addCause: AddCause.abortionByCommunicationLoss,
      evidence: "CB-1 was lost while Trip was under way (DDEATH): outcome unknown",
    });
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "DBIRTH");
    fleet.sample("Position", 1);
    await settled();
    expect(fleet.audit.lines).toEqual(["intent Trip", "outcome Trip unconfirmed", "late Trip"]);
  });

  it("was sent nothing when it died before the command left", async () => {
    const fleet = controlFleet();
    const disk = Promise.withResolvers<void>();
    fleet.audit.stalled = disk.promise;
    fleet.sample("Position", 1);
    const close = execute(fleet, "Close");
    await settled();

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "broker lost");
    disk.resolve();

    expect(await outcomeOf(close)).toMatchObject({ result: "not-sent" });
    expect(await codeOf(close)).toBe("device-offline");
    expect(fleet.transport.sent).toEqual([]);
  });
});

describe("a broker that is cut between sending and answering", () => {
  it("leaves the outcome unknown", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "the broker is gone");

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });

  it("is not waited for when it takes the message and never lets go of it", async () => {
    const fleet = controlFleet();
    fleet.transport.send = () => new Promise(() => {});
    const trip = execute(fleet, "Trip");
    await settled();

    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });
});

describe("two operators at once", () => {
  it("do not both close: one is told that the device is busy", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);

    const first = execute(fleet, "Close", user("operator", "anna"));
    const second = execute(fleet, "Close", user("operator", "otto"));

    expect(await outcomeOf(second)).toMatchObject({
      result: "not-sent",
      addCause: AddCause.commandAlreadyInExecution,
      evidence: "CB-1 is still busy with Close: Close not sent",
    });
    await settled();
    fleet.sample("Position", 2);
    await expect(first).resolves.toMatchObject({ result: "confirmed" });
    expect(sentNames(fleet)).toEqual(["Close"]);
  });

  it("may both trip: each command is sent and proved by the same position", async () => {
    const fleet = controlFleet();
    const trips = [execute(fleet, "Trip", user("operator", "anna")), execute(fleet, "Trip", user("operator", "otto"))];
    await settled();

    fleet.sample("Position", 1);

    await expect(Promise.all(trips)).resolves.toHaveLength(2);
    expect(sentNames(fleet)).toEqual(["Trip", "Trip"]);
  });

  it("cannot flood one device with trips", async () => {
    const fleet = controlFleet();
    const trips = Array.from({ length: 20 }, () => execute(fleet, "Trip"));
    await settled();
    fleet.sample("Position", 1);

    const codes = await Promise.all(trips.map(codeOf));

    expect(codes.filter((code) => code === "command-busy")).toHaveLength(12);
    expect(fleet.transport.sent).toHaveLength(8);
  });
});

describe("Trip", () => {
  it("goes ahead of a Close that waits for the breaker, whose outcome is then unknown", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 0);
    const close = execute(fleet, "Close", user("operator", "anna"));
    await settled();

    const trip = execute(fleet, "Trip", user("operator", "otto"));

    expect(await outcomeOf(close)).toMatchObject({
      result: "unconfirmed",
      addCause: AddCause.abortionByTrip,
      evidence: "Close of CB-1 was pre-empted by Trip: outcome unknown",
    });
    expect(await codeOf(close)).toBe("cancelled");
    await settled();
    fleet.sample("Position", 1);
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it("keeps a Close from being sent that has not left yet", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    const disk = Promise.withResolvers<void>();
    fleet.audit.stalled = disk.promise;
    const close = execute(fleet, "Close");
    const trip = execute(fleet, "Trip");
    await settled();

    disk.resolve();
    await settled();
    fleet.sample("Position", 1);

    expect(await outcomeOf(close)).toMatchObject({ result: "not-sent", addCause: AddCause.abortionByTrip });
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
    expect(sentNames(fleet)).toEqual(["Trip"]);
  });

  it("is tried on a device that is only doubted, which gets nothing else", async () => {
    const fleet = controlFleet();
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "messages are missing");

    expect(await codeOf(execute(fleet, "Reset"))).toBe("device-offline");
    const trip = execute(fleet, "Trip");
    await settled();
    fleet.sample("Position", 1);

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
    expect(sentNames(fleet)).toEqual(["Trip"]);
  });

  it("does not believe a position from before a Close of which nobody knows what became", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    const close = execute(fleet, "Close");
    await settled();
    const trip = execute(fleet, "Trip");
    await settled();

    // The Close may still be carried out: "open" was true before it.
    const early = await Promise.race([codeOf(trip), settled().then(() => "waiting")]);
    fleet.sample("Position", 2);
    fleet.sample("Position", 1);

    expect(early).toBe("waiting");
    expect(await codeOf(close)).toBe("cancelled");
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it("does not believe it in a second try either, until the time of the Close is over", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    const close = execute(fleet, "Close");
    await settled();
    const first = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);
    const second = execute(fleet, "Trip");
    await settled();
    fleet.clock.advance(2_000);
    expect(await Promise.all([close, first, second].map(codeOf))).toEqual([
      "cancelled",
      "command-unconfirmed",
      "command-unconfirmed",
    ]);

    fleet.clock.advance(2_000);
    fleet.sample("Position", 1);

    await expect(execute(fleet, "Trip")).resolves.toMatchObject({ result: "confirmed" });
  });
});

describe("a clock that is set", () => {
  it("backward while a command waits: the answer still counts, and the time limit as well", async () => {
    const fleet = controlFleet();
    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.jump(-3_600_000);
    fleet.clock.advance(100);

    // The device has a clock of its own, which nobody set.
    fleet.sample("Position", 1, fleet.clock.elapsed());

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });

    fleet.sample("Position", 2, fleet.clock.elapsed());
    const second = execute(fleet, "Trip");
    await settled();
    fleet.clock.jump(-3_600_000);
    fleet.clock.advance(2_000);
    expect(await codeOf(second)).toBe("command-unconfirmed");
  });

  it("forward: a value from before the command proves nothing", async () => {
    const fleet = controlFleet();
    const before = fleet.clock.now() - 10;
    const trip = execute(fleet, "Trip");
    await settled();
    fleet.clock.jump(3_600_000);

    fleet.sampleReceived("Position", 1, before);
    fleet.clock.advance(2_000);

    expect(await codeOf(trip)).toBe("command-unconfirmed");
  });
});

describe("1,000 trips at the same moment", () => {
  it("are all confirmed, each by its own breaker, each with intent before outcome", async () => {
    const fleet = controlFleet();
    const breakers: Device[] = [];
    for (let i = 1; i <= 1_000; i += 1) {
      const breaker = fleet.announce(`B-${i}`, `G/N/B-${i}`);
      if (breaker === undefined) throw new Error("not admitted");
      breakers.push(breaker);
      fleet.ingest.presence(breaker, "online", fleet.clock.now(), "birth");
      fleet.sampleOf(breaker, "Position", 2);
    }
    fleet.transport.onSend = (device) => fleet.sampleOf(device, "Position", 1);
    const by = user("operator");

    const outcomes = await Promise.all(
      breakers.map((device) => fleet.commands.execute({ device, command: "Trip", inputs: [], by })),
    );

    expect(outcomes.filter(({ result }) => result === "confirmed")).toHaveLength(1_000);
    await settled();
    const order = new Map<string, string>();
    for (const { commandId, kind } of fleet.audit.entries)
      order.set(commandId, `${order.get(commandId) ?? ""}${kind} `);
    expect(new Set(order.values())).toEqual(new Set(["intent outcome "]));
    expect(order.size).toBe(1_000);
    expect(fleet.clock.pending).toBe(0);
  });
});
