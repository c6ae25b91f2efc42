import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "#lib/clock.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { recordingLog } from "../transport-shared/silent-log.ts";
import { tripCommand } from "./breaker-package.ts";
import { peerPayload, tahu } from "./edge-peer.ts";
import { breakerBirth } from "./panel-peer.ts";
import { RecordingUplink } from "./recording-uplink.ts";

describe("SparkplugTransport over a real broker", () => {
  let aedes: Aedes;
  let server: Server;
  let edge: MqttClient;
  let url: string;

  beforeEach(async () => {
    aedes = await Aedes.createBroker();
    server = createServer(aedes.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    url = `mqtt://127.0.0.1:${port}`;
    edge = await connectAsync(url, { clientId: "panel-1" });
  });

  afterEach(async () => {
    await edge.endAsync(true);
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });

  it("carries births, data, a command and the STATE death over TCP", async () => {
    const uplink = new RecordingUplink();
    const heard: string[] = [];
    edge.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString("latin1")}`));
    await edge.subscribeAsync(["spBv1.0/STATE/#", "spBv1.0/Demo/DCMD/#"], { qos: 1 });
    const transport = new SparkplugTransport({
      hostId: "host-1",
      brokers: [{ url, clientId: "host-1" }],
      clock: systemClock,
      random: Math.random,
      log: recordingLog(),
    });
    await transport.start(uplink);
    await vi.waitFor(() => expect(transport.health().connected).toBe(true));

    const now = Date.now();
    const topic = (type: string): string => `spBv1.0/Demo/${type}/panel-1`;
    edge.publish(topic("NBIRTH"), Buffer.from(peerPayload(now, [{ name: "bdSeq", type: "Int64", value: 0 }], 0)));
    edge.publish(`${topic("DBIRTH")}/CB-0001`, Buffer.from(peerPayload(now, breakerBirth, 1)));
    const current = peerPayload(now, [{ alias: 11, type: "Float", value: 41.5 }], 2);
    edge.publish(`${topic("DDATA")}/CB-0001`, Buffer.from(current));
    await vi.waitFor(() => expect(uplink.values.at(-1)).toBe("CurrentPhaseA=41.5"));

    const command = { correlationId: "c-1", spec: tripCommand, inputs: [undefined], sentAt: now };
    await transport.send(uplink.device("Demo/panel-1/CB-0001"), command, new AbortController().signal);
    await transport[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(heard.length).toBe(3));

    expect(heard[0]).toMatch(/^spBv1.0\/STATE\/host-1 {"online":true,/);
    const [dcmd = "", bytes = ""] = (heard[1] ?? "").split(/ (.*)/s);
    expect(dcmd).toBe("spBv1.0/Demo/DCMD/panel-1/CB-0001");
    expect(tahu.decodePayload(Buffer.from(bytes, "latin1")).metrics?.[0]?.name).toBe("Command/Trip");
    expect(heard[2]).toMatch(/^spBv1.0\/STATE\/host-1 {"online":false,/);
  });

  it("says why when nobody listens at the address", async () => {
    const transport = new SparkplugTransport({
      hostId: "host-1",
      brokers: [{ url: "mqtt://127.0.0.1:1", clientId: "host-1" }],
      clock: systemClock,
      random: Math.random,
      log: recordingLog(),
    });
    await transport.start(new RecordingUplink());

    await vi.waitFor(() => expect(transport.health().detail).toContain("ECONNREFUSED"));
    await transport[Symbol.asyncDispose]();
  });
});
