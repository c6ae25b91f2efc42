import { describe, expect, it } from "vitest";
import type { Device } from "#fleet/device.ts";
import { MirrorOut } from "#fleet/mirror-out.ts";
import type { OwnershipPolicy } from "#fleet/ownership.ts";
import { OwnershipRules } from "#fleet/ownership-rules.ts";
import type { Protocol } from "#model/protocol.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryTransport } from "../../support/memory-transport.ts";
import { TransportFleet } from "../../support/transport-fleet.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";

const linked: OwnershipPolicy = { ownerOf: () => "sparkplug", mayLink: () => true };

/** A package whose firmware version only JSON carries. */
const partly = {
  ...wirePackage,
  parameters: wirePackage.parameters.map((spec) => {
    const { json } = spec.bindings;
    return spec.name === "FirmwareVersion" && json !== undefined ? { ...spec, bindings: { json } } : spec;
  }),
};

function bench(ownership?: OwnershipPolicy) {
  const clock = new FakeClock();
  const fleet = new TransportFleet({ packages: [partly], clock, ...(ownership === undefined ? {} : { ownership }) });
  const announce = (protocol: Protocol, address: string): Device | undefined =>
    fleet.ingest.announced({ protocol, name: "CB-1", address, declaredType: wireType, points: [], at: 0 });
  const report = (way: Device | undefined, name: string, value: number | string): void => {
    if (way === undefined) throw new Error("not admitted");
    const batch = new SampleBatch(1);
    batch.reset(clock.now());
    const index = partly.parameters.findIndex((spec) => spec.name === name);
    if (typeof value === "string") batch.addText(index, value, clock.now(), Quality.good);
    else batch.add(index, value, clock.now(), Quality.good);
    fleet.ingest.presence(way, "online", clock.now(), "it reports");
    fleet.ingest.samples(way, batch);
  };
  return { clock, fleet, announce, report };
}

describe("a device that is reached over two protocols", () => {
  it("is one device, whose points its owner fills; the other way only what the owner cannot carry", () => {
    const { fleet, announce, report } = bench(linked);
    const owner = announce("sparkplug", "G/N/CB-1");
    const way = announce("json", "iot/CB-1");

    report(owner, "CurrentPhaseA", 10);
    report(way, "CurrentPhaseA", 999);
    report(way, "FirmwareVersion", "2.1.0");

    expect(fleet.registry.size).toBe(1);
    expect(fleet.history("CurrentPhaseA")).toEqual(["10"]);
    expect(fleet.value("CB-1", "FirmwareVersion").value).toBe("2.1.0");
  });

  it("loses with each way only what that way filled", () => {
    const { clock, fleet, announce, report } = bench(linked);
    const owner = announce("sparkplug", "G/N/CB-1");
    const way = announce("json", "iot/CB-1");
    report(owner, "CurrentPhaseA", 10);
    report(way, "FirmwareVersion", "2.1.0");
    if (owner === undefined || way === undefined) throw new Error("not admitted");

    fleet.ingest.presence(way, "stale", clock.now(), "silence");
    expect(fleet.state("CB-1")).toBe("online");
    expect(fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.good);
    expect(fleet.value("CB-1", "FirmwareVersion").quality).toBe(Quality.uncertainLastUsable);

    report(way, "FirmwareVersion", "2.1.1");
    fleet.ingest.presence(owner, "stale", clock.now(), "NDEATH");
    expect(fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.uncertainLastUsable);
    expect(fleet.value("CB-1", "FirmwareVersion").quality).toBe(Quality.good);
  });

  it("waits for its owner: the other way cannot come first and take its place", () => {
    const { fleet, announce } = bench(linked);

    expect(announce("json", "iot/CB-1")).toBeUndefined();
    expect(fleet.traffic.rejected["not-announced"]).toBe(1);
    expect(announce("sparkplug", "G/N/CB-1")?.owner).toBeUndefined();
    expect(announce("json", "iot/CB-1")?.owner).toBe(fleet.device("CB-1"));
  });

  it("is a stranger on the second protocol unless the configuration says that it is the same", () => {
    const { fleet, announce } = bench();
    announce("sparkplug", "G/N/CB-1");

    expect(announce("json", "iot/CB-1")).toBeUndefined();
    expect(fleet.traffic.rejected["foreign-device"]).toBe(1);
  });

  it("is forgotten with all of its ways", () => {
    const { fleet, announce } = bench(linked);
    announce("sparkplug", "G/N/CB-1");
    announce("json", "iot/CB-1");

    fleet.registry.remove(fleet.device("CB-1").id);

    expect(fleet.registry.findByAddress("json", "iot/CB-1")).toBeUndefined();
  });
});

describe("ownership rules", () => {
  it("hold for the names they fit, the first one counts", () => {
    const rules = new OwnershipRules([
      { devices: "CB-00*", owner: "sparkplug", mirrorTo: ["json"] },
      { devices: "CB-*", mirrorTo: [] },
      { devices: "a.c", owner: "json", mirrorTo: [] },
    ]);

    expect(["CB-0012", "CB-1", "CB", "abc", "a.c"].map((name) => rules.ownerOf(name) ?? rules.mayLink(name))).toEqual([
      "sparkplug",
      true,
      false,
      false,
      "json",
    ]);
    expect(rules.hasMirrors).toBe(true);
  });
});

describe("mirroring a device out", () => {
  it("goes over protocols that the device does not speak itself", () => {
    const { clock, fleet, announce, report } = bench(linked);
    const mirrored: string[] = [];
    const transport = Object.assign(new MemoryTransport(), { mirror: (device: Device) => mirrored.push(device.id) });
    const mirror = new MirrorOut({
      registry: fleet.registry,
      presence: fleet.presence,
      transportFor: (protocol) => (protocol === "json" ? transport : undefined),
      protocolsFor: () => ["json", "sparkplug"],
    });
    const owner = announce("sparkplug", "G/N/CB-1");
    const batch = new SampleBatch(1);
    if (owner === undefined) throw new Error("not admitted");

    mirror.accept(owner, batch);
    expect(mirrored).toEqual(["CB-1"]);

    const way = announce("json", "iot/CB-1");
    report(way, "FirmwareVersion", "2.1.0");
    mirror.accept(owner, batch);
    expect(mirrored).toEqual(["CB-1"]);

    if (way !== undefined) fleet.ingest.presence(way, "stale", clock.now(), "silence");
    mirror.accept(owner, batch);
    expect(mirrored).toEqual(["CB-1", "CB-1"]);
  });
});
