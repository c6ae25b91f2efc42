import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";

const text = readFileSync("test/fixtures/fdi/dialect-b.fdi", "utf8");
const { package: pkg, dialect, warnings } = readDevicePackage(new TextEncoder().encode(text), "b.fdi");

describe("dialect B", () => {
  it("is recognised by its content", () => {
    expect(dialect).toBe("B");
  });

  it("keeps the OPC UA and Modbus tables as data", () => {
    expect(pkg.protocolTables.map(({ protocol, version, transport }) => [protocol, version, transport])).toEqual([
      ["LwM2M", "1.2", "MQTT"],
      ["OPC UA", "1.04", "TCP"],
      ["Modbus", "1.0", "TCP"],
    ]);
    const register = pkg.protocolTables[2]?.content[0]?.children[0]?.children[0]?.children[0];
    expect(Object.fromEntries(register?.attributes ?? [])).toEqual({
      ID: "40001",
      name: "BreakerStatus",
      type: "Int16",
      access: "read_write",
    });
  });

  it("never makes the switch position writable, whatever the register table says", () => {
    expect(pkg.parameterByName.get("BreakerStatus")?.access).toBe("read");
  });

  it("reads parameters directly below a function, with lists of allowed values", () => {
    expect(pkg.parameterByName.get("OvercurrentPickup")).toMatchObject({
      range: { low: 50, high: 200 },
      group: "Configuration/Protection",
    });
    expect(pkg.parameterByName.get("DataFormat")).toMatchObject({
      dataType: "int32",
      defaultValue: 0,
      enumeration: [{ name: "JSON" }, { name: "XML" }, { name: "Binary" }],
    });
  });

  it("reads arguments with units and choices, and says that answers are not kept", () => {
    expect(pkg.commandByName.get("Trip")?.inputs).toMatchObject([
      { name: "Reason", required: false },
      { name: "Delay", required: false, unit: { code: "C26" }, range: { low: 0, high: 1000 }, defaultValue: 0 },
    ]);
    expect(pkg.commandByName.get("SetProtectionSettings")?.inputs[0]?.required).toBe(true);
    expect(pkg.commandByName.get("RunSelfTest")?.inputs[0]).toMatchObject({
      choices: ["quick", "full", "protection", "communication"],
    });
    expect(warnings.filter(({ code, message }) => code === "not-kept" && message.startsWith("answer"))).toHaveLength(8);
  });

  it("confirms Open by the open position and Trip by the tripped one", () => {
    expect(pkg.commandByName.get("Open")?.confirm).toEqual({ by: "state", parameter: "BreakerStatus", equals: 0 });
    expect(pkg.commandByName.get("Trip")?.confirm).toEqual({ by: "state", parameter: "BreakerStatus", equals: 2 });
  });

  it.each([
    [
      "OvercurrentTrip",
      "CurrentPhaseA > OvercurrentPickup OR CurrentPhaseB > OvercurrentPickup OR CurrentPhaseC > OvercurrentPickup",
    ],
    ["ArcFault", "ArcFaultDetected == true"],
    ["HighTemperature", "Temperature > 70"],
    ["LowBattery", "BatteryLevel < 20"],
  ])("reads the prose condition of %s as %s and logs what it changed", (name, when) => {
    const alarm = pkg.alarms.find((candidate) => candidate.name === name);

    expect(alarm?.when).toMatchObject({ text: when, expression: { type: "boolean" } });
    expect(warnings.some(({ code, message }) => code === "assumed" && message.includes(`becomes "${when}"`))).toBe(
      true,
    );
  });

  it("keeps a condition about an undeclared quantity as text", () => {
    const alarm = pkg.alarms.find(({ name }) => name === "CommunicationLoss");

    expect(alarm?.when).toEqual({ text: "CommunicationStatus = false" });
    expect(warnings.find(({ code }) => code === "not-evaluated")?.message).toContain(
      "unknown name CommunicationStatus",
    );
  });

  it("makes a remedy of the prose of an action", () => {
    expect(pkg.alarms[0]).toMatchObject({ remedy: "Inform the operator", actions: [] });
  });

  it("reads profiles, events and documents", () => {
    expect(pkg.templates[1]).toMatchObject({
      name: "Sensitive",
      description: "Sensitive profile",
      settings: [{ parameter: "OvercurrentPickup", value: 80 }, {}, {}, {}],
    });
    expect(pkg.events.map(({ name }) => name)).toEqual([
      "DeviceStartup",
      "DeviceShutdown",
      "ProtectionTrip",
      "ProtectionReset",
      "ConfigurationChange",
      "CommunicationStatus",
    ]);
    expect(pkg.events[2]?.fields[2]).toMatchObject({ name: "TripCurrent", dataType: "float", unit: { code: "AMP" } });
    expect(pkg.documents).toMatchObject([
      { kind: "manual", language: "en", mediaType: "application/pdf" },
      { kind: "manual", language: "de" },
      { kind: "data-sheet" },
    ]);
  });

  it("reads every element: no warning of something unknown", () => {
    expect(warnings.filter(({ code }) => code.startsWith("unknown"))).toEqual([]);
  });

  it("refuses the unescaped < of some files with its place, and takes it for text when asked to repair", () => {
    const broken = new TextEncoder().encode(text.replace("BatteryLevel &lt; 20%", "BatteryLevel < 20%"));

    expect(() => readDevicePackage(broken, "b.fdi")).toThrow(/^b\.fdi:245:33: expected an element name/);
    const repaired = readDevicePackage(broken, "b.fdi", { repair: true });
    expect(repaired.package.alarms.at(-1)?.when.text).toBe("BatteryLevel < 20");
    expect(repaired.package.events).toHaveLength(6);
    expect(repaired.warnings.filter(({ code }) => code === "repaired")).toHaveLength(1);
  });
});
