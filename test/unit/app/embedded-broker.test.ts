import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrokerUsers } from "#app/broker/broker-users.ts";
import { devicePatterns, topicsOf } from "#app/broker/topic-rules.ts";
import { EmbeddedBroker } from "#app/embedded-broker.ts";

describe("topics of a device", () => {
  const { mayRead, mayWrite } = topicsOf("CB-1");

  it.each(["iot/CB-1/raw", "spBv1.0/Plant/NBIRTH/CB-1", "spBv1.0/Plant/DDATA/CB-1/feeder", "lwm2m/rd/CB-1"])(
    "include %s to write",
    (topic) => expect(mayWrite(topic)).toBe(true),
  );

  it.each([
    "iot/CB-2/raw",
    "iot/CB-1/command",
    "spBv1.0/Plant/NCMD/CB-1",
    "spBv1.0/STATE/fdi-host",
    "spBv1.0/Plant/DDATA/CB-2/feeder",
    "iot/CB-1/raw/x",
    "iot/CB-1",
    "iot//raw",
    "$SYS/broker",
  ])("exclude %s to write", (topic) => expect(mayWrite(topic)).toBe(false));

  it.each(["#", "+/CB-1/command", "iot/+/command", "iot/#", "spBv1.0/#", "spBv1.0/Plant/NCMD/+", "lwm2m/+/cmd/x"])(
    "exclude the filter %s to read",
    (filter) => expect(mayRead(filter)).toBe(false),
  );

  it.each(["iot/CB-1/command", "lwm2m/CB-1/cmd/+", "spBv1.0/+/DCMD/CB-1/+", "spBv1.0/STATE/fdi-host"])(
    "include the filter %s to read",
    (filter) => expect(mayRead(filter)).toBe(true),
  );

  it.each(["+", "#", "a/b", "", "rd"])("are none for a device that calls itself %j", (name) => {
    expect(topicsOf(name).mayWrite(`iot/${name}/raw`)).toBe(false);
  });

  it("are those that the configuration for mosquitto gives", () => {
    const acl = readFileSync(resolve(import.meta.dirname, "../../../deploy/mosquitto/acl"), "utf8");
    const patterns = (kind: string) =>
      [...acl.matchAll(new RegExp(`^pattern ${kind} (.+)$`, "gm"))].map(([, text]) => text);

    expect(devicePatterns.write).toEqual(patterns("write"));
    expect(devicePatterns.read).toEqual(patterns("read"));
  });
});

describe("the embedded broker", () => {
  const users = new BrokerUsers(
    [
      { name: "fdi-host", password: "of the host", speaksForMany: true },
      { name: "CB-1", password: "of the breaker", speaksForMany: false },
    ],
    false,
  );
  let broker: EmbeddedBroker;
  let host: MqttClient;

  beforeAll(async () => {
    broker = await EmbeddedBroker.start({ host: "127.0.0.1", port: 0, users });
    host = await connect("fdi-host", "of the host");
  });

  afterAll(async () => {
    await host?.endAsync(true);
    await broker?.[Symbol.asyncDispose]();
  });

  function connect(username?: string, password?: string, clientId?: string): Promise<MqttClient> {
    const login = username === undefined ? {} : { username, ...(password === undefined ? {} : { password }) };
    const id = clientId === undefined ? {} : { clientId };
    return connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...login, ...id, reconnectPeriod: 0 }, false);
  }

  it.each([
    ["no name", undefined, undefined],
    ["a wrong password", "CB-1", "of somebody"],
    ["no password", "CB-1", undefined],
    ["an unknown name", "CB-9", "of the breaker"],
  ])("lets nobody in with %s", async (_what, name, password) => {
    await expect(connect(name, password)).rejects.toThrow(/Not authorized|Bad username/i);
  });

  it("passes what a device says on its own topics, and nothing else", async () => {
    const heard: string[] = [];
    host.on("message", (topic) => heard.push(topic));
    await host.subscribeAsync("iot/#", { qos: 1 });
    const device = await connect("CB-1", "of the breaker");
    const intruder = await connect("CB-1", "of the breaker");
    intruder.on("error", () => {});
    await intruder.publishAsync("iot/CB-2/raw", "{}", { qos: 0 });
    await device.publishAsync("iot/CB-1/raw", "{}", { qos: 1 });
    await expect.poll(() => heard).toEqual(["iot/CB-1/raw"]);
    await device.endAsync(true);
    await intruder.endAsync(true);
  });

  it("refuses a filter that would hear other devices", async () => {
    const device = await connect("CB-1", "of the breaker");
    const granted = await device.subscribeAsync("iot/CB-1/command").catch((error: unknown) => String(error));
    const refused = await device.subscribeAsync("iot/+/command").catch((error: unknown) => String(error));
    await device.endAsync(true);

    expect(granted).toEqual([expect.objectContaining({ qos: 0 })]);
    expect(JSON.stringify(refused)).toMatch(/128|Unspecified|error/i);
  });

  it("keeps a client id from being taken over by another user", async () => {
    const first = await connect("fdi-host", "of the host", "host-1");

    await expect(connect("CB-1", "of the breaker", "host-1")).rejects.toThrow();
    expect(first.connected).toBe(true);
    await first.endAsync(true);
  });
});
