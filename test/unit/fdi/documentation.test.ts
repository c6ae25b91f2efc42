import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";
import { dataTypes } from "#model/data-type.ts";
import { units } from "#model/unit.ts";

const text = readFileSync("docs/device-packages.md", "utf8");
const example = /```xml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";

describe("docs/device-packages.md", () => {
  it("shows a package that is read without a warning", () => {
    const { package: pkg, warnings } = readDevicePackage(new TextEncoder().encode(example), "example.fdi");

    expect(warnings).toEqual([]);
    expect([pkg.parameters.length, pkg.commands.length, pkg.alarms.length]).toEqual([4, 1, 1]);
  });

  it("explains every element and attribute that the dialect has", () => {
    const everything = readFileSync("test/fixtures/fdi/everything.fdi", "utf8").replace(
      /<v:Vendor[\s\S]*<\/v:Vendor>/,
      "",
    );
    const words = [...everything.matchAll(/<(\w+)|\s(\w+)=/g)].map(
      ([, element, attribute]) => element ?? attribute ?? "",
    );
    const foreign = new Set(["xml", "version", "encoding", "xmlns", "Register", "address", "type"]);

    const missing = [...new Set(words)].filter(
      (word) => !foreign.has(word) && !new RegExp(`\\b${word}s?\\b`).test(text),
    );

    expect(missing).toEqual([]);
  });

  it("lists every data type and every unit", () => {
    expect(dataTypes.filter((name) => !text.includes(name))).toEqual([]);
    expect([...units.keys()].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});
