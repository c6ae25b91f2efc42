import { describe, expect, it } from "vitest";
import { defaultDetectionRules, detectedType } from "#transport/mqtt-json/detect-type.ts";
import { readDeviceRegistry } from "#transport/mqtt-json/device-registry.ts";
import { documentedRegistry, JsonBench } from "./json-peer.ts";

describe("the device type registry", () => {
  it("loads the documented file unchanged: three types, no warning", () => {
    expect(documentedRegistry.packages.map(({ typeName, parameters }) => `${typeName} ${parameters.length}`)).toEqual([
      "SmartBreaker 21",
      "SmartMeter 3",
      "EnvironmentalSensor 3",
    ]);
    expect(documentedRegistry.warnings).toEqual([]);
  });

  it("gives parameters the unit, range and type of the entry", () => {
    const [breaker] = documentedRegistry.packages;

    expect(breaker?.parameterByName.get("VoltagePhaseB")).toMatchObject({
      dataType: "double",
      unit: { code: "VLT" },
      range: { low: 105, high: 135 },
      bindings: { json: { address: "voltage.phase_b" } },
    });
    expect(breaker?.parameterByName.get("StatusBreaker")).toMatchObject({ dataType: "int32", trustStale: false });
    expect(breaker?.parameterByName.get("ProtectionArcFaultDetected")?.dataType).toBe("boolean");
    expect(breaker?.identity).toMatchObject({ manufacturer: "Acme", model: "AB-250" });
  });

  it("makes a new type work with an entry and no code", async () => {
    const registry = readDeviceRegistry(
      Buffer.from('{"device_types":{"pump_monitor":{"measurements":{"speed":{"data_type":"integer"}}}}}'),
      "registry.json",
    );
    const bench = await JsonBench.open(registry.packages);

    bench.publish("iot/P-1/raw", { device_type: "pump_monitor", measurements: { speed: 1450 } });

    expect(bench.fleet.value("P-1", "Speed").value).toBe(1450);
  });

  it.each(["", "[]", "{}", '{"device_types":5}', '{"device_types":{},"detection_rules":[{}]}'])(
    "refuses a file that is none: %s",
    (text) => {
      expect(() => readDeviceRegistry(Buffer.from(text), "registry.json")).toThrow(/^registry.json is no device type/);
    },
  );
});

describe("type detection", () => {
  it.each([
    ["iot", ["current", "temperature"], "smart_breaker"],
    ["iot", ["demand"], "smart_meter"],
    ["iot", ["humidity"], "environmental_sensor"],
    ["iot", ["colour"], undefined],
    ["sensors", ["out_voltage1"], "grid_unit"],
  ] as const)("tells a device of %s that measures %j", (family, names, type) => {
    expect(detectedType(defaultDetectionRules, family, names)).toBe(type);
  });

  it("is used for a device that does not declare its type", async () => {
    const bench = await JsonBench.open();

    bench.publish("iot/E-1/raw", { measurements: { humidity: { value: 40 } } });

    expect(bench.fleet.device("E-1").package.typeName).toBe("EnvironmentalSensor");
    expect(bench.fleet.value("E-1", "Humidity").value).toBe(40);
  });

  it("follows the rules of the registry file where it has some", () => {
    const text = '{"device_types":{},"detection_rules":[{"any_of":["slots"],"device_type":"toaster","family":"iot"}]}';
    const { detectionRules } = readDeviceRegistry(Buffer.from(text), "registry.json");

    expect(detectedType(detectionRules, "iot", ["slots"])).toBe("toaster");
    expect(detectedType(detectionRules, "sensors", ["slots"])).toBeUndefined();
  });
});
