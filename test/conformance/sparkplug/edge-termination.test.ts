import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { breakerMetrics, Edge } from "./edge.ts";
import { startHostWithFleet, until } from "./host-under-test.ts";

type Host = Awaited<ReturnType<typeof startHostWithFleet>>;

// Sparkplug 3.0, section 5.5 and 5.6: what the host makes of the death of an edge node and of a device.
describe("edge node and device termination", () => {
  let host: Host;
  let edge: Edge;

  beforeEach(async () => {
    host = await startHostWithFleet();
    edge = new Edge(host.broker, "N1");
    await edge.birth(
      ["D1", "D2"],
      breakerMetrics.map(({ alias: _alias, ...metric }) => metric),
    );
    await until(() => host.fleet.stateOf("D2") === "online");
  });

  afterEach(async () => {
    await host[Symbol.asyncDispose]();
  });

  it("operational-behavior-edge-node-termination-host-action-ndeath-node-offline", async () => {
    expect(host.fleet.stateOf("N1")).toBe("online");

    await edge.death(99);
    await edge.death();
    await until(() => host.fleet.stateOf("N1") !== "online");

    expect(host.fleet.stateOf("N1")).toBe("offline");
  });

  it("operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale", async () => {
    const before = Date.now();

    await edge.death();
    await until(() => host.fleet.stateOf("N1") === "offline");

    const { value, quality, sourceTime } = host.fleet.value("N1", "CurrentPhaseA");
    expect([value, quality]).toEqual([1.5, Quality.uncertainLastUsable]);
    expect(sourceTime).toBeGreaterThanOrEqual(before);
  });

  it("operational-behavior-edge-node-termination-host-action-ndeath-devices-offline", async () => {
    await edge.death();
    await until(() => host.fleet.stateOf("D2") === "offline");

    expect([host.fleet.stateOf("D1"), host.fleet.stateOf("D2")]).toEqual(["offline", "offline"]);
  });

  it("operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale", async () => {
    const before = Date.now();

    await edge.death();
    await until(() => host.fleet.stateOf("D2") === "offline");

    for (const device of ["D1", "D2"]) {
      const { quality, sourceTime } = host.fleet.value(device, "Position");
      expect(quality).toBe(Quality.uncertainLastUsable);
      expect(sourceTime).toBeGreaterThanOrEqual(before);
    }
  });

  it("operational-behavior-edge-node-termination-host-action-ddeath-devices-offline", async () => {
    await edge.send("DDEATH", [], { device: "D1" });
    await until(() => host.fleet.stateOf("D1") !== "online");

    expect([host.fleet.stateOf("D1"), host.fleet.stateOf("D2")]).toEqual(["offline", "online"]);
  });

  it("operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale", async () => {
    const diedAt = Date.now() - 1234;

    await edge.send("DDEATH", [], { device: "D1", timestamp: diedAt });
    await until(() => host.fleet.stateOf("D1") === "offline");

    expect(host.fleet.value("D1", "CurrentPhaseA")).toMatchObject({
      quality: Quality.uncertainLastUsable,
      sourceTime: diedAt,
    });
    expect(host.fleet.value("D2", "CurrentPhaseA").quality).toBe(Quality.good);
  });
});
