import type { EventEmitter } from "node:events";
import { join } from "node:path";
import { StatusCodes, Subscription } from "node-opcua";
import {
  AttributeIds,
  ClientSubscription,
  constructEventFilter,
  ReadRequest,
  type ReadResponse,
  TimestampsToReturn,
} from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";
import { accessFor } from "../support/memory-access.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestFleet } from "../support/test-fleet.ts";
import { until } from "../support/until.ts";

/** What src/opcua/engine assumes about the insides of node-opcua: an upgrade that breaks one is seen here. */

type CreateItem = (
  this: object,
  item: { readonly node: EventEmitter | null },
  request: unknown,
  result: unknown,
) => void;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let fleet: TestFleet;
let server: OpcUaServer;
let client: ScadaClient;
const current = "ns=1;s=CB-1/CurrentPhaseA";
const noHistory = Promise.reject(new HostError("history-unavailable", "there is no store"));
noHistory.catch(() => undefined);

beforeAll(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  const sinks: { accept: OpcUaServer["sink"]["accept"] }[] = [];
  fleet = new TestFleet(sinks);
  server = new OpcUaServer(
    {
      port,
      host: "127.0.0.1",
      applicationUri: "urn:test:fdi-host",
      version: "0",
      pkiFolder: folder.path,
      nodesetFolder: join(folder.path, "nodesets"),
      allowInsecure: true,
    },
    {
      registry: fleet.registry,
      live: fleet.live,
      presence: fleet.presence,
      traffic: fleet.traffic,
      control: fleet.control,
      packageChanges: fleet.packageChanges,
      tags: fleet.tags,
      alarms: fleet.alarms,
      access: await accessFor([{ name: "admin", password: "secret", role: "administrator" }]),
      shelf: fleet.shelf,
      isOnline: () => true,
      history: noHistory,
      log: silentLogger(),
    },
  );
  await server.start();
  sinks.push(server.sink);
  client = await ScadaClient.connect(port, folder.path, { userName: "admin", password: "secret" });
}, 60_000);

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** Watches the current with a queue of ten; `values` has the first value already. */
async function watch(
  samplingInterval: number,
): Promise<{ readonly values: unknown[]; readonly subscription: ClientSubscription }> {
  const subscription = ClientSubscription.create(client.session, {
    requestedPublishingInterval: 50,
    requestedLifetimeCount: 100,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
  });
  const item = await subscription.monitor(
    { nodeId: current, attributeId: AttributeIds.Value },
    { samplingInterval, queueSize: 10 },
    TimestampsToReturn.Both,
  );
  const values: unknown[] = [];
  item.on("changed", (dataValue) => values.push(dataValue.value.value as unknown));
  await until("the first value", 5_000, () => values.length > 0 || undefined);
  return { values, subscription };
}

describe("a monitored item for events", () => {
  it("listens before its client is answered", async () => {
    const prototype = Subscription.prototype as unknown as { postCreateMonitoredItem: CreateItem };
    const create = prototype.postCreateMonitoredItem;
    const listeners: (number | undefined)[] = [];
    const spy = vi.spyOn(prototype, "postCreateMonitoredItem").mockImplementation(function (
      this: object,
      item,
      ...rest
    ) {
      create.call(this, item, ...rest);
      listeners.push(item.node?.listenerCount("event"));
    });
    const subscription = ClientSubscription.create(client.session, {
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 100,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    const filter = constructEventFilter(["EventType"]);

    await subscription.monitor(
      { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 0, filter },
      TimestampsToReturn.Both,
    );
    await subscription.terminate();
    spy.mockRestore();

    expect(listeners).toEqual([1]);
  });
});

describe("a subscription", () => {
  it.each([
    [20, 20],
    [1, 20],
    [250, 250],
  ])("that asks to publish every %i ms gets %i ms", async (asked, given) => {
    const subscription = ClientSubscription.create(client.session, {
      requestedPublishingInterval: asked,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    await until("the subscription", 5_000, () => subscription.isActive);

    expect(subscription.publishingInterval).toBe(given);
    await subscription.terminate();
  });
});

describe("a variable that nobody watches", () => {
  it("shows the new value, status and times to who looks", async () => {
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 12.5);

    const dataValue = await client.read(current);

    expect(dataValue.value.value).toBe(12.5);
    expect(dataValue.statusCode).toBe(StatusCodes.Good);
    expect(dataValue.sourceTimestamp?.getTime()).toBe(fleet.clock.now());
  });

  it("keeps its own times when a client reads it with server timestamps only and its status is not Good", async () => {
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 9_999);
    const nodeToRead = { nodeId: current, attributeId: AttributeIds.Value };

    const request = new ReadRequest({ nodesToRead: [nodeToRead], timestampsToReturn: TimestampsToReturn.Server });
    const session = client.session as unknown as {
      performMessageTransaction(request: ReadRequest): Promise<ReadResponse>;
    };
    const response = await session.performMessageTransaction(request);
    const both = await client.read(current);

    expect(response.results?.[0]?.sourceTimestamp).toBeNull();
    expect(both.statusCode.value).toBe(Quality.uncertainEngineeringUnitsExceeded);
    expect(both.sourceTimestamp?.getTime()).toBe(fleet.clock.now());
  });
});

describe("a variable that is watched", () => {
  it("follows changes instead of a timer, although the client asked for a sampling interval", async () => {
    const { values, subscription } = await watch(5_000);

    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 77);

    await until("the change, long before the sampling interval is over", 2_000, () => values.includes(77) || undefined);
    await subscription.terminate();
  });

  it("tells every value of its queue as it was, although the server writes the next one in place", async () => {
    const { values, subscription } = await watch(0);

    for (const value of [101, 102, 103]) fleet.sample("CurrentPhaseA", value);

    await until("the last value", 2_000, () => values.includes(103) || undefined);
    expect(values.slice(1)).toEqual([101, 102, 103]);
    await subscription.terminate();
  });

  it("tells of the changes within a sampling interval the first at once and the newest when it is over", async () => {
    const { values, subscription } = await watch(400);

    for (const value of [111, 112, 113]) fleet.sample("CurrentPhaseA", value);

    await until("the newest value", 2_000, () => values.includes(113) || undefined);
    expect(values.slice(1)).toEqual([111, 113]);
    await subscription.terminate();
  });
});

describe("a method shared by all devices of a type", () => {
  it("reaches the device whose MethodSet was named", async () => {
    const second = fleet.announce("CB-2", "G/N/CB-2");
    if (second === undefined) throw new Error("CB-2 was not admitted");
    fleet.ingest.presence(second, "online", fleet.clock.now(), "birth");
    fleet.transport.onSend = (device, { correlationId }) => {
      fleet.ingest.acknowledged(device, { correlationId, accepted: true, reason: undefined, at: 0 });
    };
    const method = await client.browse(
      `/2:DeviceSet/1:CB-2/2:MethodSet/${await client.indexOf("urn:test:breaker")}:SelfTest`,
    );

    const answers = await Promise.all(["CB-2", "CB-1"].map((id) => client.call(`ns=1;s=${id}/MethodSet`, method)));

    expect(answers.map((answer) => answer.name)).toEqual(["Good", "Good"]);
    expect(fleet.transport.sent.map(({ device }) => device.id)).toEqual(["CB-2", "CB-1"]);
  });
});

describe("HistoryRead", () => {
  it("is answered by our handler, and an error of the store becomes a status code of the node", async () => {
    const result = await client.historyPage(current, new Date(0), new Date());

    expect(result.statusCode.name).toBe("BadResourceUnavailable");
  });

  it("is refused for nodes without history", async () => {
    const result = await client.historyPage("ns=0;i=2258", new Date(0), new Date());

    expect(result.statusCode.name).toBe("BadHistoryOperationUnsupported");
  });
});
