import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tahu } from "../../unit/sparkplug/edge-peer.ts";
import { Edge } from "./edge.ts";
import { type HostUnderTest, hostId, startHost, until } from "./host-under-test.ts";

const reorderTimeoutMs = 200;

// Sparkplug 3.0, section 5.4: messages out of sequence are waited for, for the Reorder Timeout.
describe("message ordering", () => {
  let host: HostUnderTest;
  let edge: Edge;

  beforeEach(async () => {
    host = await startHost({ reorderTimeoutMs });
    edge = new Edge(host.broker, "N1");
    await edge.birth(["D1"]);
    await until(() => host.uplink.values.length === 2);
  });

  afterEach(async () => {
    await host[Symbol.asyncDispose]();
  });

  const rebirths = (): string[] =>
    host.broker
      .published(hostId)
      .filter(({ topic }) => topic === "spBv1.0/Plant/NCMD/N1")
      .map(({ payload }) => tahu.decodePayload(payload).metrics?.[0]?.name ?? "");
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it("operational-behavior-host-reordering-param", async () => {
    const patient = await startHost({ reorderTimeoutMs: 60_000 });
    const other = new Edge(patient.broker, "N1");
    await other.birth(["D1"]);
    await other.data(9, "D1", 3);
    await edge.data(9, "D1", 3);

    await until(() => rebirths().length === 1);

    expect(patient.broker.published(hostId)).toHaveLength(1);
    await patient[Symbol.asyncDispose]();
  });

  it("operational-behavior-host-reordering-start", async () => {
    const begin = Date.now();

    await edge.data(3, "D1", 3);
    await until(() => rebirths().length === 1);

    expect(Date.now() - begin).toBeGreaterThanOrEqual(reorderTimeoutMs - 5);
    expect(host.uplink.presences.at(-1)).toContain("D1 stale");
  });

  it("operational-behavior-host-reordering-success", async () => {
    await edge.data(3, "D1", 3);
    await pause(reorderTimeoutMs / 2);
    await edge.data(2, "D1", 2);
    await until(() => host.uplink.values.length === 4);
    await pause(reorderTimeoutMs);

    expect(host.uplink.values.slice(2)).toEqual(["CurrentPhaseA=2", "CurrentPhaseA=3"]);
    expect(rebirths()).toEqual([]);
  });

  it("operational-behavior-host-reordering-rebirth", async () => {
    await edge.data(3, "D1", 3);

    await until(() => rebirths().length === 1);
    await edge.birth(["D1"]);
    await until(() => host.uplink.presences.length === 3);

    expect(rebirths()).toEqual(["Node Control/Rebirth"]);
    expect(host.uplink.presences.map((line) => line.split(" ")[1])).toEqual(["online", "stale", "online"]);
  });
});
