import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  freePorts,
  type Ports,
  type ProjectProcess,
  startHostProcess,
  temporaryFolder,
} from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { message, nodeId, RawOpcUa, requestHeader, statusOf, u32 } from "../support/raw-opcua.ts";

/** Bad input over raw sockets: a Bad code or a closed connection, little memory, and others are served meanwhile. */

const maxGrowthMiB = 64;
const servedWithinMs = 2_000;
const bad = {
  decodingError: 0x80070000,
  sessionIdInvalid: 0x80250000,
  tcpMessageTypeInvalid: 0x807e0000,
  tcpMessageTooLarge: 0x80800000,
  tcpInternalError: 0x80820000,
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let host: ProjectProcess;
let quietMiB: number;

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  host = startHostProcess(ports, folder.path);
  await host.printed(/is ready/, 60_000);
  await legitimateClient();
  quietMiB = rssMiB();
}, 90_000);

afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

function rssMiB(): number {
  const status = readFileSync(`/proc/${host.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Somebody who behaves connects, reads and leaves; gives how long it took. */
async function legitimateClient(): Promise<number> {
  const started = performance.now();
  await using client = await ScadaClient.connect(ports.opcua, folder.path);
  expect((await client.read("i=2258")).statusCode.name).toBe("Good");
  return performance.now() - started;
}

async function expectUnharmed(): Promise<void> {
  expect(await legitimateClient()).toBeLessThan(servedWithinMs);
  expect(rssMiB() - quietMiB).toBeLessThan(maxGrowthMiB);
  expect(host.child.exitCode).toBeNull();
}

/** A connection with an open channel without security. */
async function channel(): Promise<RawOpcUa> {
  const raw = await RawOpcUa.open(ports.opcua);
  await raw.hello();
  await raw.openChannel();
  return raw;
}

describe("a message that lies about its length", () => {
  it.each([
    ["4 GB before the Hello", false, 0xffffffff],
    ["4 GB after the Hello", true, 0xffffffff],
    ["0 bytes", true, 0],
    ["7 bytes", true, 7],
  ])("is answered with an error and the end of the connection: %s", async (_name, saysHello, length) => {
    await using raw = await RawOpcUa.open(ports.opcua);
    if (saysHello) await raw.hello();

    await raw.send(message(saysHello ? "OPN" : "HEL", "F", Buffer.alloc(100), length));

    expect([bad.tcpMessageTooLarge, bad.tcpInternalError]).toContain(statusOf(await raw.message()));
    expect(await raw.isClosedWithin(2_000)).toBe(true);
    await expectUnharmed();
  });
});

describe("a stranger", () => {
  it("that does not speak OPC UA is cut off", async () => {
    await using raw = await RawOpcUa.open(ports.opcua);

    await raw.send(Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));

    expect(await raw.isClosedWithin(5_000)).toBe(true);
    await expectUnharmed();
  });

  it("without a session gets BadSessionIdInvalid for a request", async () => {
    await using raw = await channel();
    const read = Buffer.concat([nodeId(631), requestHeader(), Buffer.alloc(8), u32(0, 0xffffffff)]);

    await raw.send(raw.request(read));

    expect(statusOf(await raw.message())).toBe(bad.sessionIdInvalid);
  });
});

describe("a message that cannot be decoded", () => {
  const writeOf = (variant: Buffer): Buffer =>
    Buffer.concat([
      nodeId(673),
      requestHeader(),
      u32(1),
      Buffer.from([0, 85]),
      u32(13, 0xffffffff),
      Buffer.from([1]),
      variant,
    ]);
  /** Arrays of one variant within each other, a Boolean at the bottom. */
  const nested = (depth: number): Buffer => {
    const level = Buffer.concat([Buffer.from([0x98]), u32(1)]);
    return Buffer.concat([...Array.from({ length: depth }, () => level), Buffer.from([1, 1])]);
  };

  it.each([
    ["an array of 2^31 elements", Buffer.concat([nodeId(631), requestHeader(), Buffer.alloc(8), u32(0, 0x7fffffff)])],
    ["a string of 2 GB", Buffer.concat([nodeId(631), requestHeader().subarray(0, 18), u32(0x7fffffff)])],
    ["variants 10,000 deep", writeOf(nested(10_000))],
    ["a variant of a type that is not there", writeOf(Buffer.from([0x3f, 1, 2, 3]))],
  ])("ends the connection with BadDecodingError: %s", async (_name, body) => {
    await using raw = await channel();

    await raw.send(raw.request(body));

    expect(statusOf(await raw.message())).toBe(bad.decodingError);
    expect(await raw.isClosedWithin(2_000)).toBe(true);
    await expectUnharmed();
  });

  it("is not confused with variants 50 deep, which a decoder has to bear", async () => {
    await using raw = await channel();

    await raw.send(raw.request(writeOf(nested(50))));

    expect(statusOf(await raw.message())).toBe(bad.sessionIdInvalid);
  });
});

describe("a flood before anybody logged in", () => {
  it("of chunks that never end is cut off early", async () => {
    const chunk = Buffer.alloc(65_000);
    const flood = async (): Promise<number> => {
      await using raw = await channel();
      let sent = 0;
      while (sent < 1_000 && (await raw.send(raw.request(chunk, "C")))) sent += 1;
      return sent;
    };

    const sent = await Promise.all(Array.from({ length: 16 }, flood));

    // What the sockets hold counts as sent; the host took less.
    for (const count of sent) expect(count).toBeLessThan(1_000);
    await expectUnharmed();
  });

  it("of partial chunks is held in little memory", async () => {
    const all = await Promise.all(Array.from({ length: 150 }, () => RawOpcUa.open(ports.opcua)));

    await Promise.all(
      all.map(async (raw) => {
        await raw.hello(512 * 1024).catch(() => {});
        await raw.send(message("OPN", "F", Buffer.alloc(60_000), 65_000));
      }),
    );
    await sleep(500);

    await expectUnharmed();
    for (const raw of all) raw.socket.destroy();
  });

  it.each([
    ["silent", false],
    ["Hello-only", true],
  ])("of 400 %s sockets keeps nobody else out", async (_name, saysHello) => {
    const all = await Promise.all(
      Array.from({ length: 400 }, async () => {
        const raw = await RawOpcUa.open(ports.opcua).catch(() => undefined);
        if (saysHello) await raw?.hello().catch(() => {});
        return raw;
      }),
    );

    await expectUnharmed();
    expect(all.filter((raw) => raw?.socket.destroyed === false).length).toBeLessThanOrEqual(220);
    for (const raw of all) raw?.socket.destroy();
  });

  it("of sessions that nobody activates keeps nobody else out", async () => {
    // CreateSessionRequest: description, server and endpoint URI, name, nonce, certificate, timeout, response size.
    const description = Buffer.concat([
      u32(0xffffffff, 0xffffffff),
      Buffer.from([0]),
      u32(0, 0xffffffff, 0xffffffff, 0),
    ]);
    const nonce = Buffer.concat([u32(32), Buffer.alloc(32, 7)]);
    const timeout = Buffer.alloc(8);
    timeout.writeDoubleLE(600_000);
    const none = u32(0xffffffff);
    const create = Buffer.concat([
      nodeId(461),
      requestHeader(),
      description,
      none,
      none,
      none,
      nonce,
      none,
      timeout,
      u32(0),
    ]);
    const all = await Promise.all(Array.from({ length: 20 }, () => channel()));

    for (const raw of all) {
      for (let i = 0; i < 15; i += 1) {
        if (await raw.send(raw.request(create))) await raw.message().catch(() => undefined);
      }
    }

    await expectUnharmed();
    for (const raw of all) raw.socket.destroy();
  });
});
