import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";
import type { DevicePackage } from "#model/device-package.ts";

function read(bytes: Uint8Array): DevicePackage {
  const { package: pkg, warnings } = readDevicePackage(bytes, "p.fdi");
  expect(warnings).toEqual([]);
  return pkg;
}

/** A package as comparable data: maps as entries, compiled functions left out. */
function plain(pkg: DevicePackage): unknown {
  return JSON.parse(
    JSON.stringify(pkg, (_key, value: unknown) => {
      if (value instanceof Map) return [...(value as ReadonlyMap<string, unknown>)];
      return typeof value === "bigint" ? `${value}n` : value;
    }),
  );
}

describe("writeDevicePackage", () => {
  it.each(["test/fixtures/fdi/everything.fdi", "fdi-packages/fdi-host/lsig-mccb/lsig-mccb.fdi"])(
    "writes what reads back as the same package: %s",
    (file) => {
      const pkg = read(readFileSync(file));

      const again = read(new TextEncoder().encode(writeDevicePackage(pkg)));

      expect(plain(again)).toEqual(plain(pkg));
    },
  );

  it("keeps every attribute and every element of the fixture that has each of them", () => {
    const original = readFileSync("test/fixtures/fdi/everything.fdi", "utf8");
    const words = (text: string): string[] => [...new Set(text.match(/<\w+| \w+=/g))].sort();
    const prefixes = new Set(["<v"]);

    const written = writeDevicePackage(read(new TextEncoder().encode(original)));

    expect(words(original).filter((word) => !words(written).includes(word) && !prefixes.has(word))).toEqual([]);
  });
});
