import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { MirrorOut } from "#fleet/mirror-out.ts";
import type { SampleSink } from "#fleet/ports.ts";
import { systemClock } from "#lib/clock.ts";
import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { JsonDevice } from "../support/scripted/json-device.ts";
import { SparkplugDevice } from "../support/scripted/sparkplug-device.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { TransportFleet } from "../support/transport-fleet.ts";
import { until } from "../support/until.ts";
import { wirePackage } from "../support/wire-package.ts";

const log = silentLogger();
const common = { clock: systemClock, random: Math.random, log };

describe("one breaker on two protocols", () => {
  let broker: TestBroker;
  let fleet: TransportFleet;
  let breaker: SparkplugDevice;

  async function open(sinks: readonly SampleSink[] = []): Promise<void> {
    broker = await TestBroker.open();
    const ownership = { ownerOf: () => "sparkplug" as const, mayLink: () => true };
    fleet = new TransportFleet({ packages: [wirePackage], clock: systemClock, ownership, sinks });
    const settings = { url: broker.url, clientId: "host" };
    const connect = ownLink({ ...common, settings: { ...settings, clientId: "host-json" } });
    const transports = [
      new SparkplugTransport({ ...common, hostId: "host", brokers: [settings] }),
      new MqttJsonTransport({ ...common, connect, hostId: "host" }),
    ];
    for (const transport of transports) {
      fleet.transports.push(transport);
      await transport.start(fleet.ingest);
      await until("the connection", 5_000, () => transport.health().connected);
    }
    breaker = new SparkplugDevice(broker.url);
  }

  afterEach(async () => {
    await breaker[Symbol.asyncDispose]();
    for (const transport of fleet.transports) await transport[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  const current = (): unknown =>
    fleet.registry.find("CB-1") === undefined ? undefined : fleet.value("CB-1", "CurrentPhaseA").value;

  it("follows its owner only, takes commands from it only, and starts no ping-pong", async () => {
    await open();
    await using double = new JsonDevice(broker.url);
    await breaker.join();
    await until("the owner", 5_000, () => fleet.state("CB-1") === "online");
    await double.join();
    await until("the second way", 5_000, () => fleet.registry.ways(fleet.device("CB-1")).length === 1);

    await double.report({ CurrentPhaseA: 999 });
    await breaker.report({ CurrentPhaseA: 62 });
    await until("the owner's value", 5_000, () => current() === 62);
    const by = { user: "anna", roles: ["administrator" as const], origin: "test" };
    const trip = { device: fleet.device("CB-1"), command: "Trip", inputs: [undefined], by };
    await expect(fleet.control.commands.execute(trip)).resolves.toMatchObject({ result: "confirmed" });

    expect(fleet.history("CurrentPhaseA")).not.toContain("999");
    expect([breaker.orders, double.orders]).toEqual([["Trip()"], []]);
    expect(broker.count("host-json")).toBe(0);
    await sleep(300);
    const before = broker.published.length;
    await sleep(300);
    expect(broker.published.length).toBe(before);
  });

  it("is mirrored out in the other protocol, whose echo is nobody's data", async () => {
    const parts: { mirror?: MirrorOut } = {};
    await open([{ accept: (device, batch) => parts.mirror?.accept(device, batch) }]);
    parts.mirror = new MirrorOut({
      registry: fleet.registry,
      presence: fleet.presence,
      transportFor: (protocol) => fleet.transports.find((transport) => transport.protocol === protocol),
      protocolsFor: () => ["json"],
    });
    const dashboard = await connectAsync(broker.url, { clientId: "dashboard" });
    const heard: { measurements: unknown; device_id: string }[] = [];
    dashboard.on("message", (_topic, payload) => heard.push(JSON.parse(payload.toString()) as (typeof heard)[0]));
    await dashboard.subscribeAsync("iot/+/raw", { qos: 1 });

    await breaker.join();
    await breaker.report({ ActivePower: 8.25, CurrentPhaseA: 63 });

    await until("the mirrored values", 5_000, () =>
      heard.some(({ measurements }) => JSON.stringify(measurements).includes("8250")),
    );
    expect(heard.at(-1)).toMatchObject({
      device_id: "CB-1",
      measurements: { power: { active: 8_250 }, current: { phase_a: 63 } },
    });
    await sleep(200);
    expect(fleet.registry.ways(fleet.device("CB-1"))).toEqual([]);
    expect(fleet.traffic.messages).toBe(broker.count("device-sparkplug"));
    await dashboard.endAsync(true);
  });
});
