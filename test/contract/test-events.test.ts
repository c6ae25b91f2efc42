import {
  AttributeIds,
  ClientSubscription,
  constructEventFilter,
  TimestampsToReturn,
  type Variant,
} from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ControlServer, text } from "../support/control-server.ts";
import { until } from "../support/until.ts";

let server: ControlServer;

beforeAll(async () => {
  server = await ControlServer.start();
}, 60_000);

afterAll(() => server?.[Symbol.asyncDispose]());

describe("a running test", () => {
  it("tells its progress by ProgressEvents (OPC 10000-5, 6.4.35) of the device", async () => {
    const client = await server.as("viewer");
    const seen: unknown[][] = [];
    const subscription = ClientSubscription.create(client.session, {
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    const filter = constructEventFilter(["SourceName", "Context", "Progress"]);
    const item = await subscription.monitor(
      { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 100, discardOldest: true, filter },
      TimestampsToReturn.Neither,
    );
    item.on("changed", (values) => {
      const [source, , progress] = (values as unknown as Variant[]).map(({ value }) => value as unknown);
      if (source === "CB-1") seen.push([source, progress]);
    });

    await server.call("operator", "CommunicationTest");
    server.fleet.sample("CurrentPhaseA", 3);
    await until("the end of the test", 5_000, () => seen.at(-1)?.[1] === 100 || undefined);

    expect(seen).toEqual([0, 25, 50, 75, 100].map((progress) => ["CB-1", progress]));
    await subscription.terminate();
  });
});

describe("the audit of an OPC UA call", () => {
  it("says from which address it came", async () => {
    await server.call("operator", "Trip", [text("")]);

    expect(server.fleet.audit.entries.findLast(({ action }) => action === "Trip")?.origin).toMatch(
      /^opc\.tcp 127\.0\.0\.1:\d+$/,
    );
  });
});
