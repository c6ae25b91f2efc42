import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import { openMqttSession } from "#transport/shared/mqtt-session.ts";
import { ScriptedBroker } from "../support/scripted-broker.ts";
import { TestBroker } from "../support/test-broker.ts";
import { until } from "../support/until.ts";
import { publishPacket } from "../unit/transport-shared/mqtt-bytes.ts";

const connack = Buffer.from([0x20, 2, 0, 0]);

/** A session and what it tells, in its order. */
function sessionWith(settings: Partial<Parameters<typeof openMqttSession>[0]> & { readonly url: string }) {
  const told: string[] = [];
  const session = openMqttSession({ clientId: "host", ...settings }, undefined, {
    up: () => told.push("up"),
    message: (topic, payload, { qos }) => told.push(`${topic} ${Buffer.from(payload).toString()} ${qos}`),
    down: (cause) => told.push(`down: ${cause}`),
  });
  return { session, told };
}

describe("the packets between a broker and the host", () => {
  it("come after the host was told that it is connected, even when they are in the same read", async () => {
    await using broker = await ScriptedBroker.open(
      Buffer.concat([connack, publishPacket("t/1", "kept", 7), publishPacket("t/2", "new")]),
    );
    const { session, told } = sessionWith({ url: broker.url });

    await until("both messages", 5_000, () => told.length === 3);
    expect(told).toEqual(["up", "t/1 kept 1", "t/2 new 0"]);
    const puback = Buffer.from([0x40, 2, 0, 7]);
    await until("the acknowledgement", 5_000, () => broker.received.includes(puback));
    session.abort();
  });

  it.each([
    ["a PUBLISH shorter than its topic", Buffer.from([0x30, 2, 0, 9])],
    ["a packet length of more than 4 bytes", Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
  ])("that are no MQTT end the connection with the reason: %s", async (what, bytes) => {
    await using broker = await ScriptedBroker.open(Buffer.concat([connack, bytes]));
    const { told } = sessionWith({ url: broker.url });

    await until("the end", 5_000, () => told.length === 2);
    expect(told).toEqual(["up", `down: the broker sent ${what}: the connection is closed`]);
  });

  it("are each delivered and acknowledged once, in their order", async () => {
    await using broker = await TestBroker.open();
    const { session, told } = sessionWith({ url: broker.url });
    await until("the connection", 5_000, () => told.length === 1);
    await session.subscribe([{ filter: "t/#", qos: 1 }]);

    for (let i = 0; i < 300; i += 1) await session.publish({ topic: `t/${i}`, payload: "x", qos: 1, retain: false });

    await until("all messages", 5_000, () => told.length === 301);
    expect(told.slice(1)).toEqual(Array.from({ length: 300 }, (_, i) => `t/${i} x 1`));
    await session.end();
    await until("the end", 5_000, () => told.at(-1)?.startsWith("down") === true);
  });

  it("come over a WebSocket too", async () => {
    const aedes = await Aedes.createBroker();
    const http = createServer();
    const server = new WebSocketServer({ server: http, path: "/mqtt" });
    server.on("connection", (socket) => aedes.handle(createWebSocketStream(socket)));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`;
    const { session, told } = sessionWith({ url });
    await until("the connection", 5_000, () => told.length === 1);
    await session.subscribe([{ filter: "t/#", qos: 1 }]);
    const device = await connectAsync(url, { clientId: "device" });

    for (let i = 0; i < 300; i += 1) device.publish("t/1", `${i}`, { qos: 1 });

    await until("all messages", 5_000, () => told.length === 301);
    expect(told.slice(1)).toEqual(Array.from({ length: 300 }, (_, i) => `t/1 ${i} 1`));
    await session.end();
    await device.endAsync(true);
    server.close();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    http.close();
  });

  it("are refused with a sentence where the protocol is none of a broker", async () => {
    const { told } = sessionWith({ url: "http://127.0.0.1:1" });

    await until("the end", 5_000, () => told.length === 1);
    expect(told).toEqual(["down: http: is no protocol of a broker, expected mqtt, mqtts, ws or wss"]);
  });
});
