import { describe, expect, it } from "vitest";
import type { SampleSink } from "#fleet/ports.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { TestFleet } from "../../support/test-fleet.ts";

describe("quality of incoming values", () => {
  it("keeps a value outside its range and marks it Uncertain", () => {
    const fleet = new TestFleet();

    fleet.sample("CurrentPhaseA", 9_000);

    expect(fleet.value("CurrentPhaseA")).toMatchObject({
      value: 9_000,
      quality: Quality.uncertainEngineeringUnitsExceeded,
    });
  });

  it("shows no value and BadTypeMismatch for a value of the wrong type", () => {
    const fleet = new TestFleet();

    fleet.sample("Position", 1.5);
    fleet.sample("CurrentPhaseA", "12 A");
    fleet.sample("TripReason", 3);

    for (const name of ["Position", "CurrentPhaseA", "TripReason"]) {
      expect(fleet.value(name)).toMatchObject({ value: undefined, quality: Quality.badTypeMismatch });
    }
  });

  it("waits for initial data until the first value arrives", () => {
    const fleet = new TestFleet();

    expect(fleet.value("Position")).toEqual({
      value: undefined,
      quality: Quality.badWaitingForInitialData,
      sourceTime: undefined,
      receivedAt: undefined,
    });
  });

  it("keeps the device's time, and replaces one more than 5 s in the future by the time of receipt", () => {
    const fleet = new TestFleet();
    const now = fleet.clock.now();

    fleet.sample("CurrentPhaseA", 1, now + 4_000);
    expect(fleet.value("CurrentPhaseA").sourceTime).toBe(now + 4_000);

    fleet.sample("Position", 1, now + 3_600_000);
    expect(fleet.value("Position").sourceTime).toBe(now);
  });
});

describe("order of values", () => {
  it("sends a value older than the last one to history only", () => {
    const flags: number[] = [];
    const fleet = new TestFleet([{ accept: (_device, batch) => flags.push(batch.flags[0] ?? -1) }]);
    const now = fleet.clock.now();

    fleet.sample("CurrentPhaseA", 10, now);
    fleet.sample("CurrentPhaseA", 5, now - 1_000);

    expect(fleet.value("CurrentPhaseA").value).toBe(10);
    expect(flags).toEqual([SampleFlag.none, SampleFlag.historical]);
  });

  it("takes the device's values again after it was stale, although the host's clock is ahead of the device's", () => {
    const fleet = new TestFleet();
    const deviceTime = fleet.clock.now() - 2_000;
    fleet.sample("CurrentPhaseA", 10, deviceTime);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");

    fleet.ingest.presence(fleet.breaker, "online", fleet.clock.now(), "birth");
    fleet.sample("CurrentPhaseA", 11, deviceTime + 500);

    expect(fleet.value("CurrentPhaseA")).toMatchObject({ value: 11, quality: Quality.good });
  });
});

describe("a silent device", () => {
  it("keeps measured values as Uncertain and turns the position Bad, stamped with the time of the loss", () => {
    const fleet = new TestFleet();
    fleet.sample("CurrentPhaseA", 10);
    fleet.sample("Position", 2);
    const lost = fleet.clock.now() + 7_000;

    fleet.ingest.presence(fleet.breaker, "stale", lost, "NDEATH");

    expect(fleet.value("CurrentPhaseA")).toMatchObject({
      value: 10,
      quality: Quality.uncertainLastUsable,
      sourceTime: lost,
    });
    expect(fleet.value("Position")).toMatchObject({ value: 2, quality: Quality.badNoCommunication });
    expect(fleet.value("TripReason").quality).toBe(Quality.badWaitingForInitialData);
  });

  it("tells the sinks once", () => {
    const sizes: number[] = [];
    const fleet = new TestFleet([{ accept: (_device, batch) => sizes.push(batch.size) }]);
    fleet.sample("CurrentPhaseA", 10);

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death");
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "death again");

    expect(sizes).toEqual([1, 1]);
  });
});

describe("admission of devices", () => {
  it("knows a device again by its address", () => {
    const fleet = new TestFleet();

    expect(fleet.announce("CB-1", "G/N/CB-1")).toBe(fleet.breaker);
    expect(fleet.registry.size).toBe(1);
  });

  it("refuses and counts a device that comes under another's name", () => {
    const fleet = new TestFleet();

    expect(fleet.announce("CB-1", "G/OTHER/CB-1")).toBeUndefined();
    expect(fleet.traffic.rejected["foreign-device"]).toBe(1);
  });

  it("refuses names that cannot be node ids or topics", () => {
    const fleet = new TestFleet();

    for (const name of ["a/b", "", "x".repeat(65), "a\u0000", "+", "ü"]) {
      expect(fleet.announce(name, `G/N/${name}`)).toBeUndefined();
    }
    expect(fleet.registry.size).toBe(1);
  });

  it("counts a device that fits no package", () => {
    const fleet = new TestFleet();

    expect(fleet.announce("X-1", "G/N/X-1", "toaster")).toBeUndefined();
    expect(fleet.traffic.rejected["unknown-device"]).toBe(1);
  });
});

describe("a device that was removed", () => {
  it("writes nothing any more: its slots may be another's", () => {
    const fleet = new TestFleet();
    const { breaker } = fleet;
    fleet.registry.remove(breaker.id);
    const heir = fleet.announce("CB-2", "G/N/CB-2");

    fleet.sample("CurrentPhaseA", 99);
    fleet.ingest.presence(breaker, "stale", fleet.clock.now(), "late death");

    expect(heir?.firstSlot).toBe(breaker.firstSlot);
    expect(fleet.value("CurrentPhaseA").value).toBeUndefined();
  });
});

describe("sinks", () => {
  it("go on receiving when one of them throws", () => {
    const received: number[] = [];
    const broken: SampleSink = {
      accept: () => {
        throw new HostError("overloaded", "broken sink");
      },
    };
    const fleet = new TestFleet([broken, { accept: (_device, batch) => received.push(batch.values[0] ?? -1) }]);

    fleet.sample("CurrentPhaseA", 42);

    expect(received).toEqual([42]);
  });
});
