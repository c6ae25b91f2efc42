import { describe, expect, it } from "vitest";
import { hostSpecs } from "#fleet/alarms/standard-specs.ts";
import { Quality } from "#model/quality.ts";
import { AlarmFleet } from "../../../support/alarm-fleet.ts";

const overload = { name: "Overload", when: "CurrentPhaseA > 100" };

function toldOf(fleet: AlarmFleet, name: string): string[] {
  return fleet.told.filter((line) => line.endsWith(` ${name}`));
}

describe("the health of a device", () => {
  it("is the gravest class of its alarms, with one health alarm for each class", () => {
    const fleet = new AlarmFleet([
      { ...overload, ne107: "S" },
      { name: "Bad", when: "Position == 'Bad'", ne107: "F" },
    ]);
    const changes: string[] = [];
    fleet.alarms.health.onChange((device, health) => changes.push(`${device.id} ${health}`));

    fleet.sample("CurrentPhaseA", 120);
    expect(fleet.alarms.health.of(fleet.breaker)).toBe("off-spec");
    fleet.sample("Position", 3);
    expect(fleet.alarms.health.of(fleet.breaker)).toBe("failure");
    expect(fleet.state("OffSpecAlarm").active && fleet.state("FailureAlarm").active).toBe(true);
    expect(fleet.state("FailureAlarm").message).toBe("The device has failed, or cannot be relied on. (Bad)");
    expect(fleet.alarms.health.counts()).toMatchObject({ normal: 0, failure: 1, "off-spec": 0 });
    fleet.sample("Position", 2);
    fleet.sample("CurrentPhaseA", 50);

    expect(changes).toEqual(["CB-1 off-spec", "CB-1 failure", "CB-1 off-spec", "CB-1 normal"]);
    expect(fleet.alarms.health.counts()).toMatchObject({ normal: 1, failure: 0 });
    expect(fleet.state("FailureAlarm").acknowledged).toBe(true);
  });

  it("forgets a device that was removed", () => {
    const fleet = new AlarmFleet([{ ...overload, ne107: "S" }]);
    fleet.sample("CurrentPhaseA", 120);

    fleet.registry.remove(fleet.breaker.id);

    expect(fleet.alarms.health.counts()).toMatchObject({ normal: 0, "off-spec": 0 });
    expect(fleet.retained).toEqual([]);
  });
});

describe("lost communication", () => {
  it("is an alarm when a device stays silent, and over when it is back", () => {
    const fleet = new AlarmFleet([overload]);
    fleet.clock.advance(30_000);

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "death certificate");
    expect(fleet.state("CommunicationLost").active).toBe(false);
    fleet.clock.advance(5_000);
    expect(fleet.state("CommunicationLost")).toMatchObject({ active: true, quality: Quality.good });
    expect(fleet.state("CommunicationLost").message).toMatch(/offline: death certificate; last heard of at 2026/);
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");

    expect(toldOf(fleet, "CommunicationLost")).toEqual(["active CommunicationLost", "cleared CommunicationLost"]);
  });

  it("is no alarm of each device while the host itself is cut off, and becomes one when they do not come back", () => {
    const fleet = new AlarmFleet([overload]);
    fleet.clock.advance(30_000);
    fleet.transport.connected = false;

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "connection lost");
    fleet.clock.advance(120_000);
    expect(fleet.state("CommunicationLost").active).toBe(false);
    fleet.transport.connected = true;
    fleet.clock.advance(36_000);

    expect(fleet.state("CommunicationLost").active).toBe(true);
  });

  it("is not told for devices that have not reported right after the start", () => {
    const fleet = new AlarmFleet([overload], { sinceStartMs: 0 });

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "restart");
    fleet.clock.advance(20_000);
    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");
    fleet.clock.advance(60_000);

    expect(toldOf(fleet, "CommunicationLost")).toEqual([]);
  });
});

describe("what the host finds out", () => {
  it("tells of a changed configuration and of the audit by the warnings that stand", () => {
    const fleet = new AlarmFleet([overload]);
    const { warnings } = fleet.control;

    warnings.raise({ name: "configuration-differs", device: fleet.breaker, since: 1, text: "ThermalPickup is 400" });
    warnings.raise({ name: "audit-unavailable", device: undefined, since: 1, text: "disk full" });
    expect(fleet.state("ConfigurationDiffers")).toMatchObject({ active: true, message: "ThermalPickup is 400" });
    expect(fleet.alarms.health.of(fleet.breaker)).toBe("check-function");
    expect(fleet.alarms.find("Server/AuditUnavailable")?.state).toMatchObject({ active: true, message: "disk full" });
    warnings.clear("configuration-differs", fleet.breaker);
    warnings.clear("audit-unavailable", undefined);

    expect(fleet.alarms.find("Server/AuditUnavailable")?.state.active).toBe(false);
    expect(fleet.state("ConfigurationDiffers").active).toBe(false);
  });

  it("lists its own alarms without a device", () => {
    const fleet = new AlarmFleet([overload]);

    const names = fleet.alarms.of(undefined).map(({ spec, device }) => [device, spec.name]);

    expect(names).toEqual(Object.values(hostSpecs).map(({ name }) => [undefined, name]));
  });

  it("raises one alarm for an alarm that chatters, until it is quiet", () => {
    const fleet = new AlarmFleet([overload]);

    for (let i = 0; i < 1_000; i += 1) {
      fleet.sample("CurrentPhaseA", i % 2 === 0 ? 120 : 80);
      fleet.clock.advance(1);
    }
    expect(fleet.state("AlarmChatter")).toMatchObject({ active: true, acknowledged: true });
    expect(fleet.state("AlarmChatter").message).toMatch(/^Overload: /);
    fleet.clock.advance(60_000);

    expect(toldOf(fleet, "AlarmChatter")).toEqual(["active AlarmChatter", "cleared AlarmChatter"]);
  });

  it("calls more alarms than people can look at a flood, once, and ends it", () => {
    const fleet = new AlarmFleet([overload]);
    for (let n = 2; n <= 300; n += 1) {
      const device = fleet.announce(`CB-${n}`, `G/N/CB-${n}`);
      if (device !== undefined) fleet.sampleOf(device, "CurrentPhaseA", 120);
    }

    expect(toldOf(fleet, "AlarmFlood")).toEqual(["active AlarmFlood"]);
    expect(fleet.alarms.find("Server/AlarmFlood")?.state.message).toMatch(/^101 alarms within ten minutes/);
    fleet.clock.advance(720_000);

    expect(fleet.alarms.find("Server/AlarmFlood")?.state.active).toBe(false);
  });

  it("makes one alarm of the notices of transports", () => {
    const fleet = new AlarmFleet([overload]);

    fleet.ingest.notice({ id: "a", active: true, text: "another host uses our id" });
    fleet.ingest.notice({ id: "b", active: true, text: "no permission" });
    fleet.ingest.notice({ id: "a", active: false, text: "ours again" });
    expect(fleet.alarms.find("Server/TransportTrouble")?.state.active).toBe(true);
    fleet.ingest.notice({ id: "b", active: false, text: "permission" });

    expect(fleet.alarms.find("Server/TransportTrouble")?.state.active).toBe(false);
  });
});

describe("what devices report", () => {
  const trip = { type: "breaker_trip", at: 5, fields: { reason: "Thermal", current: 912 } };

  it("is an event with the fields of the device", () => {
    const fleet = new AlarmFleet([overload]);

    fleet.ingest.event(fleet.breaker, trip);

    expect(fleet.events[0]).toMatchObject({
      kind: "device-event",
      device: "CB-1",
      name: "breaker_trip",
      at: 5,
      message: "The device reports breaker_trip. (reason Thermal, current 912)",
      alarm: undefined,
      fields: { reason: "Thermal", current: 912 },
    });
  });

  it("is an alarm until it is reset when it is a trip and the type has no trip alarm", () => {
    const fleet = new AlarmFleet([overload]);

    fleet.ingest.event(fleet.breaker, trip);

    expect(fleet.state("DeviceTrip")).toMatchObject({ active: true, latched: true, acknowledged: false, activeAt: 5 });
  });

  it("is no second alarm when the type raises its own", () => {
    const fleet = new AlarmFleet([{ name: "Tripped", when: "Position == 'Open'", type: "trip" }]);

    fleet.ingest.event(fleet.breaker, trip);

    expect(fleet.alarms.find("CB-1/DeviceTrip")).toBeUndefined();
  });

  it("is counted and not told when a device reports without end", () => {
    const fleet = new AlarmFleet([overload]);

    for (let n = 0; n < 5_000; n += 1) fleet.ingest.event(fleet.breaker, { ...trip, type: "heartbeat" });

    expect(fleet.events).toHaveLength(20);
  });
});
