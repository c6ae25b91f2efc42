import { describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { readDeviceRegistry } from "#transport/mqtt-json/device-registry.ts";
import { fixture, JsonBench } from "./json-peer.ts";

const documented = "breaker-042";

function deliver(bench: JsonBench, kind: string, name = `${kind}.json`): void {
  bench.broker.deliver(`iot/${documented}/${kind}`, fixture(name), { retain: false, dup: false, qos: 1 });
}

describe("documented telemetry", () => {
  it("fills every measured field of the registry's breaker", async () => {
    const bench = await JsonBench.open();

    deliver(bench, "raw");

    const { parameters } = bench.fleet.device(documented).package;
    const values = parameters.map(({ name }) => `${name}=${String(bench.fleet.value(documented, name).value)}`);
    expect(values).toEqual([
      "VoltagePhaseA=121.04",
      "VoltagePhaseB=119.87",
      "VoltagePhaseC=120.55",
      "CurrentPhaseA=41.3",
      "CurrentPhaseB=39.92",
      "CurrentPhaseC=40.71",
      "PowerActive=8110.4",
      "PowerReactive=1702.25",
      "PowerApparent=8287.1",
      "PowerFactor=0.978",
      "Frequency=59.98",
      "Temperature=37.4",
      "StatusBreaker=1",
      "StatusPosition=1",
      "StatusCommunication=1",
      "ProtectionTripCount=2",
      "ProtectionGroundFaultCurrent=0.12",
      "ProtectionArcFaultDetected=false",
      "OperationalLoadPercentage=40.6",
      "OperationalOperatingHours=312.4",
      "OperationalMaintenanceDue=false",
    ]);
    expect(bench.fleet.value(documented, "VoltagePhaseA")).toMatchObject({
      quality: Quality.good,
      sourceTime: Date.UTC(2026, 0, 1, 11, 59, 58) + 604.518,
    });
    expect(bench.balance).toEqual([1, 1, 0]);
  });

  it("scales wire values as the package says, without guessing from their size", async () => {
    const bench = await JsonBench.open();

    bench.telemetry({ power: { active: 22_000, unit: "W" } });

    expect(bench.fleet.value("CB-1", "ActivePower").value).toBeCloseTo(22, 10);
  });

  it.each([
    ["with Z", "2026-01-01T11:59:30.5Z"],
    ["without zone, taken as UTC", "2026-01-01T11:59:30.500000"],
    ["with an offset", "2026-01-01T12:59:30.5+01:00"],
    ["as epoch seconds", 1_767_268_770.5],
    ["as epoch milliseconds", 1_767_268_770_500],
    ["as digits", "1767268770.5"],
  ])("understands a timestamp %s", async (_form, timestamp) => {
    const bench = await JsonBench.open();

    bench.telemetry({ current: { phase_a: 10 } }, timestamp);

    expect(bench.fleet.value("CB-1", "CurrentPhaseA").sourceTime).toBe(Date.UTC(2026, 0, 1, 11, 59, 30, 500));
  });

  it("takes the time of receipt, and says so, for a clock that is years or an hour off or no time at all", async () => {
    const bench = await JsonBench.open();
    const now = bench.clock.now();

    for (const timestamp of [12, "1998-05-01T00:00:00Z", now + 3_600_000, "yesterday"]) {
      bench.telemetry({ current: { phase_a: 10 } }, timestamp);
      expect(bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({ sourceTime: now, quality: Quality.good });
    }
    expect(bench.fleet.traffic.of("CB-1")?.flawed["wrong-clock"]).toBe(4);
  });

  it("takes a bare number for the value, or for the first phase, of an object that was bound", async () => {
    const bench = await JsonBench.open();

    bench.telemetry({ temperature: 38.5, current: 40 });

    expect(bench.fleet.value("CB-1", "Temperature").value).toBe(38.5);
    expect(bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(40);
  });

  it("shows fields that no parameter is bound to as points of the device, and never takes the unit for one", async () => {
    const bench = await JsonBench.open();

    bench.telemetry({ current: { phase_a: 1, unit: "A" }, vendor: { mood: "good", level: 3, unit: "V" } });

    const points = bench.fleet.device("CB-1").package.parameters.filter(({ group }) => group === "DeviceSpecific");
    expect(points.map(({ name, unit, dataType }) => [name, unit?.code, dataType])).toEqual([
      ["vendor.mood", undefined, "string"],
      ["vendor.level", "VLT", "double"],
    ]);
    expect(bench.fleet.value("CB-1", "vendor.level").value).toBe(3);
  });

  it("keeps fields that it did not bring when it introduced itself", async () => {
    const bench = await JsonBench.open();
    bench.telemetry({ current: { phase_a: 1 } });

    bench.telemetry({ current: { phase_a: 1, unit: "A" }, vendor: { mood: "good" } });

    const unmapped = bench.transport.unmapped(bench.fleet.device("CB-1"));
    expect([...unmapped].map(([path, { value }]) => `${path}=${value}`)).toEqual(["vendor.mood=good"]);
    expect(bench.fleet.traffic.flawed["unknown-point"]).toBe(0);
  });
});

describe("a status message", () => {
  it("changes no measurement", async () => {
    const bench = await JsonBench.open();
    deliver(bench, "raw");
    const before = bench.fleet.heard.length;

    deliver(bench, "status");

    expect(bench.fleet.heard.length).toBe(before);
    expect(bench.fleet.value(documented, "VoltagePhaseA")).toMatchObject({ value: 121.04, quality: Quality.good });
  });

  it("fills what the package binds in it, e.g. the firmware version", async () => {
    const bench = await JsonBench.open();
    bench.telemetry({ current: { phase_a: 1 } });

    bench.publish("iot/CB-1/status", { device_id: "CB-1", status: { online: true, firmware_version: "2.1.0" } });

    expect(bench.fleet.value("CB-1", "FirmwareVersion").value).toBe("2.1.0");
  });
});

describe("trends", () => {
  it("are history only: the value at its time, the aggregates as calculated values beside it", async () => {
    const bench = await JsonBench.open();
    deliver(bench, "raw");

    deliver(bench, "trends");

    const current = bench.fleet.heard.filter(
      ({ parameter, historical }) => parameter === "CurrentPhaseA" && historical,
    );
    const t = 1_767_268_730_000;
    expect(current.map(({ value, time, quality }) => [value, time - t, quality])).toEqual([
      [37.2, -3, Quality.goodCalculated],
      [44.91, -2, Quality.goodCalculated],
      [40.7, -1, Quality.goodCalculated],
      [41.02, 0, Quality.good],
    ]);
    expect(bench.fleet.history("Temperature")).toEqual(["37.4", "H:36.1", "H:38.4", "H:37", "H:37.2"]);
    expect(bench.fleet.value(documented, "CurrentPhaseA").value).toBe(41.3);
  });

  it("may come with the older numeric channel codes", async () => {
    const bench = await JsonBench.open();
    bench.telemetry({ current: { phase_a: 1 } });

    bench.publish("iot/CB-1/trends", { a: "Trends", p: "CB-1", trends: [{ c: "1002", t: 1_767_268_730, v: "7" }] });

    expect(bench.fleet.history("CurrentPhaseA")).toEqual(["1", "H:7"]);
  });
});

describe("the grid unit", () => {
  it("is accepted in both topic forms, one message for all values and one for each", async () => {
    const bench = await JsonBench.open([gridUnit()]);

    bench.publish("sensors/grid-unit-07", { input_voltage: 48.2, out_voltage1: 12.1 });
    bench.publishText("sensors/grid-unit-07/input_voltage", "47.9");
    bench.publish("sensors/grid-unit-07/out_voltage1", { value: 12.2, timestamp: bench.clock.now() });

    expect(bench.fleet.history("InputVoltage")).toEqual(["48.2", "47.9"]);
    expect(bench.fleet.history("OutVoltage1")).toEqual(["12.1", "12.2"]);
    expect(bench.balance).toEqual([3, 3, 0]);
  });
});

function gridUnit() {
  const registry = {
    device_types: {
      grid_unit: {
        measurements: {
          input_voltage: { unit: "V", data_type: "float" },
          out_voltage1: { unit: "V", data_type: "float" },
        },
      },
    },
  };
  const [pkg] = readDeviceRegistry(Buffer.from(JSON.stringify(registry)), "test").packages;
  if (pkg === undefined) throw new Error("no package");
  return pkg;
}
