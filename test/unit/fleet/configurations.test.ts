import { describe, expect, it } from "vitest";
import { controlFleet, settled, user } from "../../support/control-fleet.ts";

describe("the settings of a device", () => {
  it("count every change, and have a hash that says whether they are the same", async () => {
    const fleet = controlFleet();
    const { configurations, writes } = fleet.control;
    const hash = configurations.hashOf(fleet.breaker);
    expect(configurations.revisionOf(fleet.breaker)).toBe(0);

    fleet.transport.onWrite = (_device, { value }) => fleet.sample("ThermalPickup", Number(value));
    await writes.write({ device: fleet.breaker, parameter: "ThermalPickup", value: 200, by: user() });
    expect(configurations.revisionOf(fleet.breaker)).toBe(1);
    expect(configurations.hashOf(fleet.breaker)).not.toBe(hash);

    await writes.write({ device: fleet.breaker, parameter: "ThermalPickup", value: 250, by: user() });
    expect(configurations.revisionOf(fleet.breaker)).toBe(2);
    expect(configurations.hashOf(fleet.breaker)).toBe(hash);
  });

  it("are not changed by measured values, by repeats, or by values that nobody vouches for", () => {
    const fleet = controlFleet();
    fleet.sample("CurrentPhaseA", 1);
    fleet.sample("CurrentPhaseA", 2);
    fleet.sample("ThermalPickup", 250);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");

    expect(fleet.control.configurations.revisionOf(fleet.breaker)).toBe(0);
    expect(fleet.control.warnings.all()).toEqual([]);
  });

  it("that change on site are recorded with old and new value, and differ until they are accepted", async () => {
    const fleet = controlFleet();
    const { configurations, warnings } = fleet.control;

    fleet.sample("ThermalPickup", 180);
    await settled();

    expect(fleet.audit.entries).toMatchObject([
      {
        kind: "site-change",
        user: "",
        origin: "G/N/CB-1",
        action: "change ThermalPickup",
        changes: [{ parameter: "ThermalPickup", before: 250, after: 180 }],
      },
    ]);
    expect(warnings.all()).toMatchObject([
      { name: "configuration-differs", device: fleet.breaker, text: "CB-1: ThermalPickup is 180, was set to 250" },
    ]);
    expect(configurations.revisionOf(fleet.breaker)).toBe(1);

    expect(() => fleet.control.acceptConfiguration(fleet.breaker, user("operator"))).toThrow(
      "needs the role maintenance",
    );
    fleet.control.acceptConfiguration(fleet.breaker, user("maintenance"));
    expect(warnings.all()).toEqual([]);
    expect(configurations.differencesOf(fleet.breaker)).toEqual([]);
  });

  it("that are set back on site differ no longer", () => {
    const fleet = controlFleet();
    fleet.sample("ThermalPickup", 180);
    fleet.sample("ThermalPickup", 250);

    expect(fleet.control.warnings.all()).toEqual([]);
    expect(fleet.control.configurations.revisionOf(fleet.breaker)).toBe(2);
  });

  it("are ours also when the device takes them after the write was given up", async () => {
    const fleet = controlFleet();
    const write = fleet.control.writes.write({
      device: fleet.breaker,
      parameter: "ThermalPickup",
      value: 200,
      by: user(),
    });
    write.catch(() => {});
    await settled();
    fleet.clock.advance(30_000);
    await settled();

    fleet.sample("ThermalPickup", 200);
    await settled();

    expect(fleet.control.warnings.all()).toEqual([]);
    expect(fleet.audit.lines).toEqual([
      "intent write ThermalPickup",
      "outcome write ThermalPickup unconfirmed",
      "late ThermalPickup",
    ]);
  });

  it("that changed while the host was away are noticed at the first report", async () => {
    const before = controlFleet();
    const record = before.control.configurations.recordOf(before.breaker);
    const fleet = controlFleet();
    if (record === undefined) throw new Error("nothing to remember");
    fleet.control.configurations.restore(fleet.breaker, {
      ...record,
      revision: 41,
      accepted: { ...record.accepted, ThermalPickup: 150 },
      reported: { ...record.reported, ThermalPickup: 150 },
    });

    fleet.sample("ThermalPickup", 250);
    await settled();

    expect(fleet.control.configurations.revisionOf(fleet.breaker)).toBe(42);
    expect(fleet.audit.entries.at(-1)).toMatchObject({
      kind: "site-change",
      changes: [{ parameter: "ThermalPickup", before: 150, after: 250 }],
    });
  });

  it("are told as one JSON text", () => {
    const fleet = controlFleet();
    fleet.sample("ThermalPickup", 180);

    const { revision, hash, text } = fleet.control.configurationOf(fleet.breaker);

    expect(JSON.parse(text)).toMatchObject({
      device: "CB-1",
      package: "test/breaker@1.0.0",
      revision,
      hash,
      settings: { ThermalPickup: 180, RemoteControlEnabled: true, RecloseShots: 1 },
      differences: [{ parameter: "ThermalPickup", accepted: 250, reported: 180 }],
    });
  });
});
