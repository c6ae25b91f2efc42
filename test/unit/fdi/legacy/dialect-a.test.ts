import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";

const { package: pkg, dialect, warnings } = readDevicePackage(readFileSync("test/fixtures/fdi/dialect-a.fdi"), "a.fdi");
const parameter = (name: string): unknown => pkg.parameterByName.get(name);

describe("dialect A", () => {
  it("is recognised by its content", () => {
    expect(dialect).toBe("A");
  });

  it("reads identity, although the name DeviceType is used twice", () => {
    expect(pkg).toMatchObject({
      id: "acme-switchgear/xseries-smartbreaker",
      revision: "2.1.0",
      typeName: "SmartCircuitBreaker",
      identity: {
        manufacturer: "Acme Switchgear",
        model: "XSeries-SmartBreaker",
        deviceRevision: "1.0",
        revisionDate: "2024-01-15",
        softwareRevision: "2.1.0",
        deviceClass: "CircuitBreaker",
        description: "Smart breaker, LwM2M and Sparkplug B. Smart circuit breaker with communication",
        classification: { class: "PowerDistribution", category: "CircuitProtection" },
      },
    });
    expect(pkg.detection.declaredTypes).toContain("smart_circuit_breaker");
  });

  it("leaves out the serial number of the type description and says so", () => {
    expect(JSON.stringify(pkg)).not.toContain("SB-000123");
    expect(warnings.filter(({ message }) => message.startsWith("DeviceSerialNumber"))).toHaveLength(1);
  });

  it("joins resource, metric and function parameter of one quantity into one parameter", () => {
    expect(parameter("OvercurrentPickup")).toMatchObject({
      dataType: "float",
      unit: { code: "AMP" },
      range: { low: 1, high: 1000 },
      defaultValue: 100,
      access: "read-write",
      class: "static",
      group: "Configuration/CircuitProtection",
      bindings: { lwm2m: { address: "/3201/0/0" }, sparkplug: { address: "Protection/OvercurrentPickup" } },
    });
  });

  it.each([
    ["BreakerStatus", "Breaker/Status"],
    ["BreakerPosition", "Breaker/Position"],
    ["ProtectionEnabled", "Protection/Enabled"],
    ["ModelNumber", "Device/Model"],
    ["RatedCurrent", "Device/RatedCurrent"],
    ["DeviceOnline", "Device/Online"],
  ])("finds the metric of %s under another name and logs it", (name, address) => {
    expect(parameter(name)).toMatchObject({ bindings: { sparkplug: { address } } });
    expect(warnings.some(({ code, message }) => code === "assumed" && message.includes(address))).toBe(true);
  });

  it("binds every one of the 47 metrics once", () => {
    const addresses = pkg.parameters.flatMap(({ bindings }) => bindings.sparkplug?.address ?? []);
    const declared = [...readFileSync("test/fixtures/fdi/dialect-a.fdi", "utf8").matchAll(/<Metric name="([^"]+)"/g)];

    expect(declared).toHaveLength(47);
    expect(declared.map(([, name]) => name).filter((name) => !addresses.includes(name ?? ""))).toEqual([]);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it("keeps a leading minus in a range", () => {
    expect(parameter("Temperature")).toMatchObject({ range: { low: -40, high: 85 }, unit: { code: "CEL" } });
  });

  it("reads times and value maps, and does not trust old states of a silent device", () => {
    expect(parameter("LastTripTime")).toMatchObject({ dataType: "date-time" });
    expect(parameter("BreakerStatus")).toMatchObject({
      access: "read",
      trustStale: false,
      enumeration: [{ name: "Open" }, { name: "Closed" }, { name: "Tripped" }, { value: 3, name: "Fault" }],
    });
  });

  it("turns a text with allowed values into an enumeration that the wire texts map to", () => {
    expect(parameter("ProtectionClass")).toMatchObject({
      dataType: "int32",
      class: "rating",
      defaultValue: 1,
      bindings: {
        sparkplug: {
          valueMap: new Map([
            ["TypeA", 0],
            ["TypeB", 1],
            ["TypeC", 2],
            ["TypeD", 3],
          ]),
        },
      },
    });
  });

  it("keeps what a bound protocol says beside its bindings", () => {
    expect(pkg.protocolTables).toMatchObject([
      { protocol: "LwM2M", version: "1.2", transport: "MQTT", content: [{ name: "Object" }, {}, {}, {}] },
      { protocol: "SparkplugB", version: "1.0", content: [{ name: "Template", children: [] }] },
    ]);
    expect(pkg.protocolTables[1]?.content[0]?.attributes).toEqual(new Map([["name", "SmartBreakerTemplate"]]));
  });

  it("reports the link resource that is no quantity", () => {
    expect(parameter("ProtectionSettings")).toBeUndefined();
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: "not-kept", message: expect.stringContaining("Objlnk") as unknown }),
    );
  });

  it("reads commands with arguments and derives how they are sent and confirmed", () => {
    expect(pkg.commands.map(({ name }) => name)).toEqual([
      "get_configuration",
      "set_configuration",
      "trip",
      "close",
      "reset",
      "run_diagnostic",
    ]);
    expect(pkg.commandByName.get("trip")).toMatchObject({
      effect: "trip",
      role: "operator",
      idempotent: true,
      confirm: { by: "state", parameter: "BreakerStatus", equals: 2 },
      inputs: [{ name: "reason", required: false, defaultValue: "Manual" }],
      bindings: { sparkplug: { address: "Command/Trip", value: true }, lwm2m: { address: "trip" } },
    });
    expect(pkg.commandByName.get("close")).toMatchObject({ idempotent: false, confirm: { equals: 1 } });
    expect(pkg.commandByName.get("reset")?.inputs[0]).toMatchObject({
      choices: ["Full", "Alarms", "Counters"],
      defaultValue: "Full",
    });
  });

  it("reads templates with values of the parameters' types", () => {
    expect(pkg.templates.map(({ name, settings }) => [name, settings.length])).toEqual([
      ["StandardProtection", 6],
      ["HighSensitivity", 6],
      ["MotorProtection", 5],
    ]);
    expect(pkg.templates[2]?.settings).toContainEqual({ parameter: "InstantaneousPickup", value: 800 });
  });

  it("reads tests with duration, steps and the command that runs them", () => {
    expect(pkg.tests[0]).toMatchObject({
      name: "SelfTest",
      category: "Startup",
      durationMs: 30_000,
      command: { name: "run_diagnostic", arguments: { test_name: "SelfTest" } },
      steps: [
        { name: "HardwareCheck" },
        { name: "ProtectionTest" },
        { name: "CommunicationTest" },
        { name: "CalibrationCheck" },
      ],
    });
  });

  it("compiles alarms and leaves switching to the device", () => {
    const [overcurrent, , arc, , communication] = pkg.alarms;

    expect(overcurrent?.when.expression?.names).toEqual([
      "CurrentPhaseA",
      "OvercurrentPickup",
      "CurrentPhaseB",
      "CurrentPhaseC",
    ]);
    expect(overcurrent?.actions).toContainEqual({ name: "TripBreaker", type: "Control", executedBy: "device" });
    expect(arc).toMatchObject({ severity: 1000, conditionClass: "safety" });
    expect(communication).toMatchObject({ severity: 500, conditionClass: "system", ne107: "F" });
    expect(pkg.alarms.every(({ when }) => when.expression !== undefined)).toBe(true);
  });

  it("reads host settings, security levels and roles", () => {
    expect(pkg.hostSettings).toContainEqual({ name: "AlarmThreshold", value: "80", unit: "%" });
    expect(pkg.security).toMatchObject({
      defaultLevel: "Standard",
      levels: [{ name: "Standard" }, { name: "Enhanced" }, { name: "Critical" }],
      roles: [
        { role: "administrator", permissions: ["read", "write", "control", "administer"] },
        { role: "operator", permissions: ["read", "write", "control"] },
        { role: "maintenance", permissions: ["read", "write"] },
        { role: "viewer", permissions: ["read"] },
      ],
    });
  });

  it("reads every element: no warning of something unknown", () => {
    expect(warnings.filter(({ code }) => code.startsWith("unknown"))).toEqual([]);
  });
});
