import { describe, expect, it } from "vitest";
import { failureOf } from "../../support/failure-of.ts";
import { settle } from "../transport-shared/memory-broker.ts";
import { JsonBench } from "./json-peer.ts";

const by = { user: "anna", roles: ["administrator" as const], origin: "test" };

async function reporting(): Promise<JsonBench> {
  const bench = await JsonBench.open();
  bench.telemetry({ status: { switch_position: 2 }, settings: { thermal_pickup: 250 } });
  return bench;
}

function execute(bench: JsonBench, command: string) {
  const inputs = ["by hand"];
  return bench.fleet.control.commands.execute({ device: bench.fleet.device("CB-1"), command, inputs, by });
}

describe("a command to a JSON device", () => {
  it("has the documented form, with what the device needs to answer it", async () => {
    const bench = await reporting();
    const trip = execute(bench, "Trip");
    await settle();

    const { topic, message } = bench.sent[0] ?? {};
    expect(topic).toBe("iot/CB-1/command");
    expect(message).toEqual({
      command: "trip_breaker",
      parameters: { reason: "by hand" },
      timestamp: bench.clock.now() / 1_000,
      correlation_id: "c-1",
      reply_to: "iot/CB-1/reply",
    });
    bench.telemetry({ status: { switch_position: 1 } });
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it.each([
    [{ accepted: true }, "accepted"],
    [{ status: "ok" }, "accepted"],
    [{ success: true }, "accepted"],
  ])("is done when the answer %j is all that its package asks for", async (answer, result) => {
    const bench = await reporting();
    const test = execute(bench, "SelfTest");
    await settle();

    bench.publish("iot/CB-1/reply", { ...answer, correlation_id: bench.sent[0]?.message["correlation_id"] });

    await expect(test).resolves.toMatchObject({ result });
  });

  it("is refused with the device's reason", async () => {
    const bench = await reporting();
    const close = failureOf(execute(bench, "Trip"));
    await settle();
    const id = bench.sent[0]?.message["correlation_id"];

    bench.publish("iot/CB-1/reply", { correlation_id: id, accepted: false, reason: "cradle out", add_cause: 10 });

    const failure = await close;
    expect(failure.code).toBe("command-rejected");
    expect(failure.message).toContain("cradle out");
  });

  it("is not settled by an answer to another command", async () => {
    const bench = await reporting();
    const test = failureOf(execute(bench, "SelfTest"));
    await settle();

    bench.publish("iot/CB-1/reply", { correlation_id: "somebody else's", accepted: true });
    bench.clock.advance(900);

    expect((await test).code).toBe("command-unconfirmed");
  });

  it("is not heard back as data: the host subscribes to no topic that it publishes on", async () => {
    const bench = await reporting();
    execute(bench, "Trip").catch(() => undefined);
    await settle();

    const filters = bench.broker.last.subscriptions.map(({ filter }) => filter);
    expect(filters).toEqual(["iot/+/raw", "iot/+/trends", "iot/+/status", "iot/+/reply", "sensors/#"]);
  });
});

describe("a setting of a JSON device", () => {
  it("is sent in the documented form and done when the device reports the value", async () => {
    const bench = await reporting();
    const write = bench.fleet.control.writes.write({
      device: bench.fleet.device("CB-1"),
      parameter: "ThermalPickup",
      value: 200,
      by,
    });
    await settle();

    expect(bench.sent[0]).toMatchObject({
      topic: "iot/CB-1/config",
      message: { command: "set_parameter", parameter: "thermal_pickup", value: 200 },
    });
    bench.telemetry({ settings: { thermal_pickup: 200 } });
    await expect(write).resolves.toMatchObject({ result: "confirmed" });
  });
});
