import { newClient, type UPayload } from "sparkplug-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { tripCommand } from "../../unit/sparkplug/breaker-package.ts";
import { breakerMetrics } from "./edge.ts";
import { hostId, startHostWithFleet, until } from "./host-under-test.ts";

type Host = Awaited<ReturnType<typeof startHostWithFleet>>;
type Client = ReturnType<typeof newClient>;

/** An edge node that nobody here wrote: the one of the Tahu project, with Sparkplug 2.2 habits. */
describe("sparkplug-client as edge node", () => {
  let host: Host;
  let client: Client;
  const commands: { device: string; payload: UPayload }[] = [];

  beforeEach(async () => {
    commands.length = 0;
    host = await startHostWithFleet({ reorderTimeoutMs: 200 });
    client = newClient({
      serverUrl: host.broker.url,
      username: "",
      password: "",
      groupId: "Plant",
      edgeNode: "N1",
      clientId: "foreign-edge",
      publishDeath: true,
      version: "spBv1.0",
    });
    client.on("error", () => undefined);
    client.on("birth", births);
    client.on("ncmd", (payload) => {
      if (payload.metrics?.some(({ name }) => name === "Node Control/Rebirth") === true) births();
    });
    client.on("dcmd", (device, payload) => commands.push({ device, payload }));
    await until(() => host.fleet.stateOf("D1") === "online");
  });

  afterEach(async () => {
    client.stop();
    await host[Symbol.asyncDispose]();
  });

  function births(): void {
    const timestamp = Date.now();
    const rebirth = { name: "Node Control/Rebirth", type: "Boolean" as const, value: false };
    client.publishNodeBirth({ timestamp, metrics: [rebirth] });
    client.publishDeviceBirth("D1", { timestamp, metrics: [...breakerMetrics] });
  }

  function data(value: number, compression?: "GZIP" | "DEFLATE"): void {
    const metrics = [{ name: "Breaker/CurrentPhaseA", type: "Float" as const, value }];
    const options = compression === undefined ? { compress: true } : { compress: true, algorithm: compression };
    client.publishDeviceData(
      "D1",
      { timestamp: Date.now(), metrics },
      compression === undefined && value < 10 ? {} : options,
    );
  }

  const current = (): unknown => host.fleet.value("D1", "CurrentPhaseA").value;

  it("is born, and its values are live", () => {
    expect(host.fleet.value("D1", "CurrentPhaseA")).toMatchObject({ value: 1.5, quality: Quality.good });
    expect(host.fleet.value("D1", "Position").value).toBe(2);
  });

  it("sends data, plain and compressed in each way it knows", async () => {
    data(2.5);
    await until(() => current() === 2.5);
    data(30.5);
    await until(() => current() === 30.5);
    data(31.5, "GZIP");
    await until(() => current() === 31.5);
    data(32.5, "DEFLATE");
    await until(() => current() === 32.5);

    expect(host.fleet.traffic.rejectedTotal).toBe(0);
    expect(host.broker.published(hostId).filter(({ topic }) => topic.includes("NCMD"))).toEqual([]);
  });

  it("understands a command, and its answer comes back as data", async () => {
    const device = host.fleet.device("D1");
    if (device === undefined) throw new Error("D1 is not there");
    const command = { correlationId: "c-1", spec: tripCommand, inputs: ["storm"], sentAt: Date.now() };

    await host.transport.send(device, command, new AbortController().signal);
    await until(() => commands.length === 1);
    client.publishDeviceData("D1", {
      timestamp: Date.now(),
      metrics: [{ name: "Breaker/Position", type: "Int32", value: 1 }],
    });
    await until(() => host.fleet.value("D1", "Position").value === 1);

    expect(commands[0]?.device).toBe("D1");
    expect(commands[0]?.payload.metrics).toMatchObject([
      { name: "Command/Trip", type: "Boolean", value: true },
      { name: "Command/Reason", type: "String", value: "storm" },
    ]);
  });

  it("is born again on request, after data of it was lost", async () => {
    await host.broker.publish("spBv1.0/Plant/DDATA/N1/D1", Uint8Array.from([0x18, 0x20]));
    const requests = (): number => host.broker.published(hostId).filter(({ topic }) => topic.includes("NCMD")).length;
    await until(() => requests() === 1);
    await until(() => host.fleet.stateOf("D1") === "online");

    data(4.5);
    await until(() => current() === 4.5);
  });

  it("says goodbye for one device", async () => {
    client.publishDeviceDeath("D1", { timestamp: Date.now(), metrics: [] });
    await until(() => host.fleet.stateOf("D1") === "offline");

    expect(host.fleet.value("D1", "CurrentPhaseA").quality).toBe(Quality.uncertainLastUsable);
  });

  it("dies by its Will when its connection breaks, and returns by itself", async () => {
    host.broker.cut("foreign-edge");
    await until(() => host.fleet.stateOf("D1") === "offline");
    await until(() => host.fleet.stateOf("D1") === "online");
  });

  it("dies by its own word when it stops", async () => {
    client.stop();
    await until(() => host.fleet.stateOf("D1") === "offline");
  });
});
