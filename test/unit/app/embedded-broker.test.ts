import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { join, resolve } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { BrokerUsers } from "#app/broker/broker-users.ts";
import { type DeviceLogin, DeviceLoginFile } from "#app/broker/device-logins.ts";
import { runMqttCommand } from "#app/broker/mqtt-command.ts";
import { PacketLengths } from "#app/broker/packet-limit.ts";
import { devicePatterns, topicsOf } from "#app/broker/topic-rules.ts";
import { brokerLimits, EmbeddedBroker } from "#app/embedded-broker.ts";
import { temporaryFolder } from "../../support/host-process.ts";
import { plainHasher } from "../../support/memory-access.ts";

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

  it.each(["+", "#", "a/b", "", "rd", "RD", "fdi-host", "a b", "\u0000"])(
    "are none for a device that calls itself %j",
    (name) => {
      expect(topicsOf(name).mayWrite(`iot/${name}/raw`)).toBe(false);
    },
  );

  it("are those that the configuration for mosquitto gives", () => {
    const acl = readFileSync(resolve(import.meta.dirname, "../../../deploy/mosquitto/acl"), "utf8");
    const patterns = (kind: string) =>
      [...acl.matchAll(new RegExp(`^pattern ${kind} (.+)$`, "gm"))].map(([, text]) => text);

    expect(devicePatterns.write).toEqual(patterns("write"));
    expect(devicePatterns.read).toEqual(patterns("read"));
  });
});

describe("the embedded broker", () => {
  const loginOf = (name: string, password: string): DeviceLogin => ({
    name,
    password: `plain:${password}`,
    createdAt: 0,
  });
  const programs = [{ name: "fdi-host", password: "of the host" }];
  const users = new BrokerUsers({ programs, letsAnybodyIn: false, hasher: plainHasher });
  users.setDevices([loginOf("CB-1", "of the breaker")]);
  let broker: EmbeddedBroker;
  let host: MqttClient;

  beforeAll(async () => {
    broker = await EmbeddedBroker.start({ host: "127.0.0.1", port: 0, users, limits: { connections: 5 } });
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

  it("proves a password once, and again after it was changed", async () => {
    const before = plainHasher.proofs;
    for (let i = 0; i < 3; i += 1) await (await connect("CB-1", "of the breaker")).endAsync(true);
    const proofs = plainHasher.proofs - before;
    users.setDevices([loginOf("CB-1", "another")]);
    await expect(connect("CB-1", "of the breaker")).rejects.toThrow(/Not authorized/i);
    users.setDevices([loginOf("CB-1", "of the breaker")]);

    expect(proofs).toBeLessThanOrEqual(1);
  });

  it("ends the connection of a device whose login is taken away, and of no other", async () => {
    users.setDevices([loginOf("CB-1", "of the breaker"), loginOf("CB-2", "of the second")]);
    const first = await connect("CB-1", "of the breaker");
    const second = await connect("CB-2", "of the second");
    const gone = new Promise<void>((done) => second.once("close", () => done()));

    broker.disconnect(users.setDevices([loginOf("CB-1", "of the breaker")]));
    await gone;

    expect([first.connected, second.connected, host.connected]).toEqual([true, false, true]);
    await first.endAsync(true);
  });

  it("cuts who begins a packet that is too long, before it has logged in", async () => {
    const socket = connectTcp(broker.port, "127.0.0.1");
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.on("error", () => {});
    // CONNECT with a remaining length of 256 MB.
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await closed;
    const large = await connect("CB-1", "of the breaker");
    const lost = new Promise<void>((done) => large.once("close", () => done()));
    large.on("error", () => {});
    void large.publishAsync("iot/CB-1/raw", "x".repeat(brokerLimits.packetBytes + 1)).catch(() => {});
    await lost;

    expect(host.connected).toBe(true);
  });

  it("takes no more connections than it has room for", async () => {
    const idle = Array.from({ length: 8 }, () => connectTcp(broker.port, "127.0.0.1"));
    for (const socket of idle) socket.on("error", () => {});
    await expect.poll(() => idle.filter(({ destroyed }) => destroyed).length).toBe(4);
    for (const socket of idle) socket.destroy();

    expect(host.connected).toBe(true);
  });
});

describe("the lengths of packets", () => {
  const packet = (length: number): number[] => {
    const header = [0x30];
    for (let left = length; ; left = Math.floor(left / 128)) {
      header.push(left >= 128 ? (left % 128) | 128 : left);
      if (left < 128) return [...header, ...Array.from({ length }, () => 0x10)];
    }
  };

  it.each([1, 2, 7, 1_000])("are followed in pieces of %i bytes", (size) => {
    const bytes = Uint8Array.from([0, 1, 127, 128, 300, 0].flatMap(packet));
    const lengths = new PacketLengths(300);
    const tooLong = new PacketLengths(299);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );

    expect(pieces.every((piece) => lengths.accept(piece))).toBe(true);
    expect(pieces.every((piece) => tooLong.accept(piece))).toBe(false);
  });

  it("have four bytes at most", () => {
    expect(new PacketLengths(1e9).accept(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01))).toBe(false);
  });
});

describe("fdi mqtt", () => {
  it("adds, changes and removes devices; a running broker follows", async () => {
    await using folder = await temporaryFolder();
    const run = async (...args: string[]) => {
      let out = "";
      const told = (text: string) => (out += text);
      const code = await runMqttCommand(args, { out: told, err: told, env: { FDI_HOST_DATA: folder.path } });
      return { code, out };
    };
    const file = new DeviceLoginFile(folder.path);
    const users = new BrokerUsers({ programs: [], letsAnybodyIn: false, hasher: argon2Hasher });
    const mayWrite = async (password: string): Promise<boolean | undefined> => {
      users.setDevices(await file.load());
      return (await users.rulesOf("CB-7", Buffer.from(password)))?.mayWrite("iot/CB-7/raw");
    };

    const added = await run("add", "CB-7");
    const password = /password: (\S+)/.exec(added.out)?.[1] ?? "";
    const kept = readFileSync(join(folder.path, "mqtt-users.json"), "utf8");
    const first = await mayWrite(password);
    await writeFile(join(folder.path, "given"), "chosen for the breaker\n");
    const changed = await run("passwd", "CB-7", "--password-file", join(folder.path, "given"));
    const second = [await mayWrite(password), await mayWrite("chosen for the breaker")];
    const refused = [await run("add", "rd"), await run("add", "cb-7"), await run("remove", "CB-8"), await run("boil")];
    const listed = await run("list");
    const removed = await run("remove", "CB-7");

    expect(password).toHaveLength(18);
    expect(kept).toMatch(/argon2id/);
    expect(kept).not.toContain(password);
    expect([first, ...second, await mayWrite("chosen for the breaker")]).toEqual([true, undefined, true, undefined]);
    expect(changed.out).toBe("password of CB-7 set\n");
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect([listed.out, removed.code]).toEqual(["CB-7\n", 0]);
  });
});
