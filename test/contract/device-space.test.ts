import { join } from "node:path";
import { AttributeIds, BrowseDirection, ClientSubscription, TimestampsToReturn, type Variant } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxDevicesPerFolder } from "#opcua/fleet-tree.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";
import { accessFor } from "../support/memory-access.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestFleet } from "../support/test-fleet.ts";
import { until } from "../support/until.ts";

/** Devices come and go while clients look. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let fleet: TestFleet;
let server: OpcUaServer;
let client: ScadaClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  fleet = new TestFleet();
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
      access: await accessFor([]),
      shelf: fleet.shelf,
      isOnline: () => true,
      log: silentLogger(),
    },
  );
  await server.start();
  client = await ScadaClient.connect(port, folder.path);
}, 60_000);

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function childrenOf(nodeId: string): Promise<string[]> {
  const names: string[] = [];
  let result = await client.session.browse({
    nodeId,
    referenceTypeId: "HierarchicalReferences",
    includeSubtypes: true,
    browseDirection: BrowseDirection.Forward,
    resultMask: 63,
  });
  names.push(...(result.references ?? []).map((reference) => reference.browseName.name ?? ""));
  while (result.continuationPoint?.length) {
    result = await client.session.browseNext(result.continuationPoint, false);
    names.push(...(result.references ?? []).map((reference) => reference.browseName.name ?? ""));
  }
  return names;
}

describe("a device that comes and goes", () => {
  it("appears with all its nodes, tells a model change, and leaves nothing behind", async () => {
    const changes: unknown[] = [];
    const subscription = ClientSubscription.create(client.session, {
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    const { constructEventFilter } = await import("node-opcua-client");
    const item = await subscription.monitor(
      { nodeId: "ns=0;i=2253", attributeId: AttributeIds.EventNotifier },
      { queueSize: 100, filter: constructEventFilter(["EventType", "Changes"]) },
      TimestampsToReturn.Both,
    );
    item.on("changed", (fields) => changes.push((fields as unknown as Variant[])[1]?.value));
    await until("the item", 5_000, () => (item.monitoredItemId === undefined ? undefined : true));

    const device = fleet.announce("CB-77", "G/N/CB-77");
    if (device === undefined) throw new Error("CB-77 was not admitted");
    const nodes = await childrenOf("ns=1;s=CB-77");
    expect(nodes).toEqual(
      expect.arrayContaining(["ParameterSet", "MethodSet", "SerialNumber", "DeviceHealth", "ConnectionPoint"]),
    );
    expect(await childrenOf("ns=1;s=Fleet/G/N")).toContain("CB-77");
    await until("the model change", 5_000, () => changes.flat().length > 0 || undefined);

    fleet.registry.remove(device.id);

    expect(await childrenOf("ns=1;s=Fleet/G/N")).not.toContain("CB-77");
    const gone = await client.read("ns=1;s=CB-77/CurrentPhaseA");
    expect(gone.statusCode.name).toBe("BadNodeIdUnknown");
    const type = await client.session.browse("ns=1;s=CB-1/MethodSet");
    expect(type.references?.map((reference) => reference.browseName.name)).toContain("Trip");
    await subscription.terminate();
  });

  it("may come back under the same NodeIds", async () => {
    for (let i = 0; i < 3; i += 1) {
      const device = fleet.announce("CB-78", "G/N/CB-78");
      if (device === undefined) throw new Error("CB-78 was not admitted");
      expect((await client.read("ns=1;s=CB-78/CurrentPhaseA")).statusCode.name).toBe("BadWaitingForInitialData");
      fleet.registry.remove(device.id);
    }
  });

  it("shares its type's properties, which stay when it goes", async () => {
    const device = fleet.announce("CB-79", "G/N/CB-79");
    if (device === undefined) throw new Error("CB-79 was not admitted");
    fleet.registry.remove(device.id);

    const properties = await client.session.browse("ns=1;s=CB-1/Position");
    const enumValues = properties.references?.find((reference) => reference.browseName.name === "EnumValues");

    expect((await client.read(enumValues?.nodeId.toString() ?? "")).statusCode.name).toBe("Good");
  });
});

describe("the Fleet tree", () => {
  it(`never puts more than ${maxDevicesPerFolder} devices into one folder`, async () => {
    for (let i = 0; i < maxDevicesPerFolder + 3; i += 1) fleet.announce(`X-${i}`, `Big/board/X-${i}`);

    expect(await childrenOf("ns=1;s=Fleet/Big/board")).toHaveLength(maxDevicesPerFolder);
    expect(await childrenOf("ns=1;s=Fleet/Big/board (2)")).toHaveLength(3);
  });
});

describe("the catalogue", () => {
  it("lists every package with its ObjectType and how many devices use it", async () => {
    expect(await childrenOf("ns=1;s=Catalogue")).toEqual([
      "ChangePackage",
      "test/breaker@1.0.0",
      "fdi-host/generic@1.0.0",
    ]);
    const count = await client.read("ns=1;s=Catalogue/test/breaker@1.0.0/DeviceCount");
    const type = await client.read("ns=1;s=Catalogue/test/breaker@1.0.0/DeviceType");

    expect(count.value.value).toBe(fleet.registry.size);
    expect(String(type.value.value)).toContain("TestBreaker/1.0.0");
  });
});

describe("the topology", () => {
  it("connects each device to the network of its protocol and says that it is online", async () => {
    const point = await client.session.browse({
      nodeId: "ns=1;s=CB-1/ConnectionPoint",
      referenceTypeId: "ns=2;i=6030",
      browseDirection: BrowseDirection.Forward,
      resultMask: 63,
    });

    expect(point.references?.map((reference) => reference.browseName.name)).toEqual(["SparkplugB"]);
    expect((await client.read("ns=1;s=CB-1/ConnectionPoint/Address")).value.value).toBe("G/N/CB-1");
    expect((await client.read("ns=2;i=6095")).value.value).toBe(true);
  });
});

describe("the connection of a device", () => {
  const connection = (name: string): string => `ns=1;s=CB-1/ConnectionPoint/${name}`;
  const valueOf = async (nodeId: string): Promise<unknown> => (await client.read(nodeId)).value.value as unknown;

  it("says in which state it is, since when and why, and tells at once when that changes", async () => {
    const states = await client.follow(connection("State"));
    await until("the state", 5_000, () => states.at(-1)?.value.value === "online" || undefined);
    const lost = fleet.clock.now() + 1_000;

    fleet.ingest.presence(fleet.breaker, "stale", lost, "nobody hears it");

    await until("the change", 5_000, () => states.at(-1)?.value.value === "stale" || undefined);
    expect(states.at(-1)?.sourceTimestamp?.getTime()).toBe(lost);
    expect(await valueOf(connection("Reason"))).toBe("nobody hears it");
    fleet.ingest.presence(fleet.breaker, "online", lost, "birth");
  });

  it("says when it was last seen, by its last message and not by the look", async () => {
    fleet.clock.advance(60_000);
    fleet.sample("CurrentPhaseA", 12);
    const seen = fleet.clock.now();
    fleet.clock.advance(60_000);

    await until("the time", 5_000, async () => {
      const lastSeen = await valueOf(connection("LastSeen"));
      return (lastSeen instanceof Date && lastSeen.getTime() === seen) || undefined;
    });
    expect((await client.read(connection("NextRetry"))).statusCode.name).toBe("BadNoData");
  });

  it("counts its messages with the reasons of those not used", async () => {
    fleet.ingest.received();
    fleet.ingest.accepted("CB-1");
    fleet.ingest.received();
    fleet.ingest.rejected("CB-1", "malformed", "not JSON");

    await until("the count", 5_000, async () => {
      return (
        (await valueOf(connection("RejectedByReason"))) === '{"rejected":{"malformed":1},"flawed":{}}' || undefined
      );
    });
    expect(await valueOf(connection("MessagesAccepted"))).toEqual([0, 1]);
    expect(await valueOf(connection("MessagesRejected"))).toEqual([0, 1]);
    expect(await valueOf(connection("LastProblem"))).toBe("malformed: not JSON");
    expect(await valueOf("ns=1;s=Traffic/Messages")).toEqual([0, 2]);
    expect(await valueOf("ns=1;s=Traffic/RejectedByReason/malformed")).toEqual([0, 1]);
  });
});
