import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rangeOfText, revisionOfText, slugOf } from "#fdi/legacy/vocabulary.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the old dialects", () => {
  it.each(["a", "b", "c"])("dialect %s becomes a file of dialect v2 that is read without a warning", (dialect) => {
    const old = readDevicePackage(readFileSync(`test/fixtures/fdi/dialect-${dialect}.fdi`), "old.fdi");

    const written = writeDevicePackage(old.package);
    const upgraded = readDevicePackage(encode(written), "new.fdi");

    expect(upgraded).toMatchObject({ dialect: "v2", warnings: [] });
    expect(writeDevicePackage(upgraded.package)).toBe(written);
    expect(upgraded.package.parameters).toHaveLength(old.package.parameters.length);
  });

  it("reports elements and attributes that no dialect has", () => {
    const text = readFileSync("test/fixtures/fdi/dialect-a.fdi", "utf8")
      .replace("<DeviceDiagnostics>", "<DeviceColours/>\n<DeviceDiagnostics>")
      .replace('<Setting name="AlarmThreshold"', '<Setting colour="red" name="AlarmThreshold"');

    const { warnings } = readDevicePackage(encode(text), "a.fdi");

    expect(warnings.filter(({ code }) => code.startsWith("unknown")).map(({ message }) => message)).toEqual([
      'Setting AlarmThreshold: attribute colour="red" is ignored',
      "FDI: element DeviceColours is ignored",
    ]);
  });

  it("gives warnings in the order of the file", () => {
    const { warnings } = readDevicePackage(readFileSync("test/fixtures/fdi/dialect-a.fdi"), "a.fdi");
    const lines = warnings.map(({ location }) => location.line);

    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  it("names the element that is missing", () => {
    const text =
      '<FDI xmlns="http://www.opcfoundation.org/FDI/2011/Device">\n<DeviceIdentity><DeviceModel>M</DeviceModel></DeviceIdentity></FDI>';

    expect(() => readDevicePackage(encode(text), "x.fdi")).toThrow(
      "x.fdi:2:1: DeviceIdentity: element DeviceManufacturer is missing or empty",
    );
  });

  it("leaves a template value that its parameter does not accept out, with the reason", () => {
    const text = readFileSync("test/fixtures/fdi/dialect-a.fdi", "utf8").replace(
      'name="ThermalPickup" value="120" units="A"',
      'name="ThermalPickup" value="1200" units="A"',
    );

    const { package: pkg, warnings } = readDevicePackage(encode(text), "a.fdi");

    expect(pkg.templates[2]?.settings).toHaveLength(4);
    expect(warnings.find(({ message }) => message.includes("MotorProtection"))?.message).toContain(
      "expected 1 to 1000",
    );
  });
});

describe("the vocabulary of the old dialects", () => {
  it.each([
    ["-40-85", { low: -40, high: 85 }],
    ["-40--10", { low: -40, high: -10 }],
    ["0.1-100", { low: 0.1, high: 100 }],
    ["5-5", undefined],
    ["high", undefined],
    ["1-2-3", undefined],
  ])("reads the range %s", (text, range) => {
    expect(rangeOfText(text)).toEqual(range);
  });

  it.each([
    ["2.1.0", "2.1.0"],
    ["1.2", "1.2.0"],
    ["v3", "3.0.0"],
    ["1.02.3-beta", "1.2.3"],
    ["beta", undefined],
  ])("reads the version %s as %s", (text, revision) => {
    expect(revisionOfText(text)).toBe(revision);
  });

  it("makes a package id of any name", () => {
    expect(slugOf("  Müller & Söhne — GmbH!")).toBe("m-ller-s-hne-gmbh");
  });
});
