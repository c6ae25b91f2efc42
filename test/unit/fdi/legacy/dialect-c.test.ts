import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";

const { package: pkg, dialect, warnings } = readDevicePackage(readFileSync("test/fixtures/fdi/dialect-c.fdi"), "c.fdi");

describe("dialect C", () => {
  it("is recognised by its namespace", () => {
    expect(dialect).toBe("C");
    expect(pkg).toMatchObject({ id: "acme-instruments/gd-100", revision: "1.2.0", typeName: "GenericDevice" });
  });

  it("keeps topics, HART commands and registers as data, never as device commands", () => {
    expect(pkg.protocolTables.map(({ protocol }) => protocol)).toEqual(["OPC UA", "MQTT", "HART", "Modbus"]);
    expect(pkg.protocolTables[2]?.content[0]?.children[1]?.attributes.get("name")).toBe("ReadDeviceVariables");
    expect(pkg.commands.map(({ name }) => name)).toEqual([
      "get_status",
      "get_configuration",
      "set_configuration",
      "reset",
      "restart",
      "run_diagnostic",
    ]);
  });

  it("makes parameters of OPC UA resources and of the settings that templates declare", () => {
    expect(pkg.parameterByName.get("process_value")).toMatchObject({
      dataType: "float",
      unit: { code: "P1" },
      access: "read",
    });
    expect(pkg.parameterByName.get("polling_interval")).toMatchObject({
      unit: { code: "SEC" },
      range: { low: 1, high: 3600 },
      access: "read-write",
    });
    expect(pkg.parameters.find(({ name }) => name === "device_status")?.enumeration).toHaveLength(4);
  });

  it("reads each template's own values", () => {
    expect(
      pkg.templates.map(({ settings }) => settings.find(({ parameter }) => parameter === "polling_interval")?.value),
    ).toEqual([5, 1, 60]);
    expect(pkg.templates[1]?.settings).toContainEqual({ parameter: "priority", value: "high" });
  });

  it("carries an object as text and says so", () => {
    expect(pkg.commandByName.get("set_configuration")?.inputs[0]).toMatchObject({ dataType: "string", required: true });
    expect(warnings.some(({ message }) => message === "configuration: a Object travels as text")).toBe(true);
  });

  it("reads tests with arguments and the expected result in words", () => {
    expect(pkg.tests[2]).toMatchObject({
      name: "PerformanceTest",
      inputs: [
        { name: "duration", unit: { code: "SEC" }, defaultValue: 60 },
        { name: "load_level", choices: ["low", "medium", "high"] },
      ],
      expectedResult: "The response time stays below its limit",
    });
  });

  it("compiles threshold conditions over parameters and keeps the others as text", () => {
    expect(pkg.alarms.map(({ when }) => [when.text, when.expression !== undefined])).toEqual([
      ["Timeout communication_timeout 30 seconds", false],
      ["Validation configuration_validation failed", false],
      ["response_time > 5.0 seconds", false],
      ["process_value > 95", true],
    ]);
  });

  it("reads security levels in words, documents with addresses, and reports the capabilities that have no place", () => {
    expect(pkg.security.levels[1]?.features.map(({ name }) => name)).toEqual([
      "Authentication: Certificate",
      "Encryption: TLS 1.2",
      "AccessControl: Role-based",
    ]);
    expect(pkg.documents).toMatchObject([{ kind: "manual", href: "https://example.com/gd-100/manual.pdf" }]);
    expect(warnings.find(({ code, message }) => code === "not-kept" && message.includes("data_logging"))).toBeDefined();
  });

  it("reads every element: no warning of something unknown", () => {
    expect(warnings.filter(({ code }) => code.startsWith("unknown"))).toEqual([]);
  });
});
