import { MessageSecurityMode, nodesets, OPCUACertificateManager, OPCUAServer, SecurityPolicy } from "node-opcua";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installConnectionGuard } from "#opcua/engine/connection-guard.ts";
import { transportSettings } from "#opcua/engine/transport-limits.ts";
import { installUndecodableMessages } from "#opcua/engine/undecodable-messages.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { nodeId, RawOpcUa, requestHeader, statusOf, u32 } from "../support/raw-opcua.ts";
import { until } from "../support/until.ts";

/** What the guards before a login assume about the insides of node-opcua: an upgrade that breaks one is seen here. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: OPCUAServer;
let port: number;
const clock = new FakeClock();

beforeAll(async () => {
  folder = await temporaryFolder();
  port = await freePort();
  installUndecodableMessages();
  server = new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    nodeset_filename: [nodesets.standard],
    securityModes: [MessageSecurityMode.None],
    securityPolicies: [SecurityPolicy.None],
    maxConnectionsPerEndpoint: 50,
    transportSettings,
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: `${folder.path}/server` }),
  });
  await server.start();
  installConnectionGuard(server, { clock, sessionWithinMs: 10_000, bytesBeforeSession: 32_768, maxWithoutSession: 5 });
}, 60_000);

afterAll(async () => {
  await server?.shutdown(0);
  await folder?.[Symbol.asyncDispose]();
});

describe("a connection without a session", () => {
  it.each([
    ["silent", async () => {}],
    ["after its Hello", (raw: RawOpcUa) => raw.hello()],
    [
      "with an open channel",
      async (raw: RawOpcUa) => {
        await raw.hello();
        await raw.openChannel();
      },
    ],
  ])("is closed when its time is over: %s", async (_name, begin) => {
    await using raw = await RawOpcUa.open(port);
    await begin(raw);
    await until("the guard", 2_000, () => clock.pending > 0 || undefined);

    clock.advance(9_999);
    expect(await raw.isClosedWithin(50)).toBe(false);
    clock.advance(1);

    expect(await raw.isClosedWithin(2_000)).toBe(true);
  });

  it("is closed when it has sent too much", async () => {
    await using raw = await RawOpcUa.open(port);
    await raw.hello();
    await raw.openChannel();

    await raw.send(raw.request(Buffer.alloc(20_000), "C"));
    expect(await raw.isClosedWithin(100)).toBe(false);
    await raw.send(raw.request(Buffer.alloc(20_000), "C"));

    expect(await raw.isClosedWithin(2_000)).toBe(true);
  });

  it("makes room for a newer one when there are too many", async () => {
    const all: RawOpcUa[] = [];
    for (let i = 0; i < 6; i += 1) {
      const raw = await RawOpcUa.open(port);
      await raw.hello();
      all.push(raw);
    }

    expect(await all[0]?.isClosedWithin(2_000)).toBe(true);
    expect(all.slice(1).some((raw) => raw.socket.destroyed)).toBe(false);
    for (const raw of all) raw.socket.destroy();
    await until("the guard to forget them", 2_000, () => clock.pending === 0 || undefined);
  });
});

describe("a connection with a session", () => {
  it("stays, whatever time passes and however much it sends", async () => {
    await using client = await ScadaClient.connect(port, folder.path);
    expect(clock.pending).toBe(0);

    clock.advance(1_000_000);
    const nodes = Array.from({ length: 5_000 }, () => ({ nodeId: "i=2258", attributeId: 13 }));
    const values = await client.session.read(nodes);

    expect(values.every(({ statusCode }) => statusCode.isGood())).toBe(true);
  });
});

describe("a Hello that asks for much", () => {
  it("gets buffers of 64 KiB, messages of 16 MiB and as many chunks as that takes", async () => {
    expect(transportSettings.adjustTransportLimits(helloOf(1_048_576, 4_294_967_295))).toEqual({
      receiveBufferSize: 65_536,
      sendBufferSize: 65_536,
      maxMessageSize: 16_777_216,
      maxChunkCount: 256,
    });
  });

  it("keeps what it asked for when that is less", () => {
    expect(transportSettings.adjustTransportLimits(helloOf(8_192, 100_000))).toMatchObject({
      receiveBufferSize: 8_192,
      maxMessageSize: 100_000,
    });
  });

  function helloOf(bufferSize: number, maxMessageSize: number) {
    return { receiveBufferSize: bufferSize, sendBufferSize: bufferSize, maxMessageSize, maxChunkCount: 0 };
  }
});

describe("a message that cannot be decoded", () => {
  it("is answered with BadDecodingError and the end of the connection", async () => {
    await using raw = await RawOpcUa.open(port);
    await raw.hello();
    await raw.openChannel();

    await raw.send(raw.request(Buffer.concat([nodeId(631), requestHeader(), Buffer.alloc(8), u32(0, 0x7fffffff)])));

    expect(statusOf(await raw.message())).toBe(0x80070000);
    expect(await raw.isClosedWithin(2_000)).toBe(true);
  });
});
