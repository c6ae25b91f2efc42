import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "#lib/clock.ts";
import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { BrokerConnection } from "#transport/shared/broker-connection.ts";
import type { BrokerSettings } from "#transport/shared/broker-session.ts";
import { SharedBroker } from "#transport/shared/shared-broker.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { TransportFleet } from "../support/transport-fleet.ts";
import { until } from "../support/until.ts";
import { wirePackage, wireType } from "../support/wire-package.ts";

const log = silentLogger();

describe("a broker connection", () => {
  let broker: TestBroker;
  let publisher: MqttClient;
  const open: BrokerConnection[] = [];

  beforeEach(async () => {
    broker = await TestBroker.open();
    publisher = await connectAsync(broker.url, { clientId: "publisher" });
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.stop()));
    await publisher.endAsync(true);
    await broker[Symbol.asyncDispose]();
  });

  function listen(settings: Partial<BrokerSettings>) {
    const heard: string[] = [];
    const connection = new BrokerConnection({
      settings: { url: broker.url, clientId: "listener", ...settings },
      user: {
        greet: (session) => session.subscribe([{ filter: "t/#", qos: 1 }]),
        message: (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString()}`),
        lost: () => undefined,
      },
      clock: systemClock,
      random: () => 0,
      log,
      minDelayMs: 100,
    });
    open.push(connection);
    connection.start();
    const isUp = (): Promise<boolean> => until("the connection", 5_000, () => connection.isUp);
    return { heard, connection, isUp };
  }

  it("acknowledges a QoS 1 message only when its samples are safe: until then the broker keeps it and sends it again", async () => {
    const safe = Promise.withResolvers<void>();
    const first = listen({ persistent: true, acknowledgeAfter: () => safe.promise });
    await first.isUp();
    await publisher.publishAsync("t/1", "not safe", { qos: 1 });
    await until("the message", 5_000, () => first.heard.length === 1);

    broker.cut("listener");
    await until("the loss", 5_000, () => !first.connection.isUp);
    await until("the message again", 5_000, () => first.heard.length === 2);
    expect(first.heard).toEqual(["t/1 not safe", "t/1 not safe"]);

    safe.resolve();
    await sleep(50);
    broker.cut("listener");
    await until("the loss", 5_000, () => !first.connection.isUp);
    await first.isUp();
    await sleep(100);
    expect(first.heard).toHaveLength(2);
  });

  it("handles messages behind one that is not acknowledged yet", async () => {
    const { heard, isUp } = listen({ persistent: true, acknowledgeAfter: () => new Promise(() => undefined) });
    await isUp();

    for (let i = 0; i < 10; i += 1) publisher.publish(`t/${i}`, "x", { qos: 1 });

    await until("all messages", 5_000, () => heard.length === 10);
  });

  it("reads no further while as many as allowed wait to be safe, and goes on when they are", async () => {
    const safe = Promise.withResolvers<void>();
    const settings = { persistent: true, acknowledgeAfter: () => safe.promise, maxUnacknowledged: 10 };
    const { heard, isUp } = listen(settings);
    await isUp();

    for (let i = 0; i < 50; i += 1) publisher.publish(`t/${i}`, "x", { qos: 1 });
    await until("ten messages", 5_000, () => heard.length === 10);
    await sleep(100);
    expect(heard).toHaveLength(10);

    safe.resolve();
    await until("the rest", 5_000, () => heard.length === 50);
  });

  it("gets what was published while it was away, where it asked the broker to keep it", async () => {
    const { heard, connection, isUp } = listen({ persistent: true });
    await isUp();
    broker.cut("listener");
    await until("the loss", 5_000, () => !connection.isUp);

    await publisher.publishAsync("t/1", "meanwhile", { qos: 1 });

    await until("the message", 5_000, () => heard.length === 1);
  });
});

describe("a connection that two protocols share", () => {
  it("is one connection, brings each its own messages, and closes with the last of them", async () => {
    await using broker = await TestBroker.open();
    await using device = await deviceAt(broker);
    const fleet = new TransportFleet({ packages: [wirePackage], clock: systemClock });
    const settings = { url: broker.url, clientId: "host" };
    const shared = new SharedBroker({ settings, clock: systemClock, random: Math.random, log });
    const json = new MqttJsonTransport({ connect: shared.join, hostId: "host", clock: systemClock, log });
    const lwm2m = new Lwm2mTransport({ connect: shared.join, clock: systemClock, random: Math.random, log });
    await json.start(fleet.ingest);
    await lwm2m.start(fleet.ingest);
    await until("the connection", 5_000, () => json.health().connected && lwm2m.health().connected);

    device.publish(
      "iot/CB-1/raw",
      JSON.stringify({ device_type: wireType, measurements: { current: { phase_a: 1 } } }),
    );
    const objects = { "3": { "0": { "17": wireType } }, "3200": { "0": { "1": 2 } } };
    device.publish("lwm2m/CB-2/reg", JSON.stringify({ endpoint: "CB-2", lifetime: 60, objects }));

    await until("both devices", 5_000, () => fleet.state("CB-1") === "online" && fleet.state("CB-2") === "online");
    expect(broker.connections("host")).toBe(1);
    await json[Symbol.asyncDispose]();
    expect(lwm2m.health().connected).toBe(true);
    await lwm2m[Symbol.asyncDispose]();
    expect(lwm2m.health().connected).toBe(false);
  });
});

async function deviceAt(broker: TestBroker): Promise<AsyncDisposable & Pick<MqttClient, "publish">> {
  const client = await connectAsync(broker.url, { clientId: "device" });
  return {
    publish: client.publish.bind(client),
    [Symbol.asyncDispose]: async () => {
      await client.endAsync(true);
    },
  };
}
