import { describe, expect, it } from "vitest";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import { integerRangeOf } from "#model/data-type.ts";

const shipped = await loadPackageFolder("fdi-packages");

describe.each(shipped)("$source", ({ package: pkg, warnings, source }) => {
  it("is read without a warning", () => {
    expect(warnings).toEqual([]);
  });

  it("lies in the folder of its id", () => {
    expect(source.startsWith(`${pkg.id}/`)).toBe(true);
  });

  it("has a device type of its own", () => {
    expect(shipped.filter((other) => other.package.typeName === pkg.typeName)).toHaveLength(1);
  });

  it("gives every writable number a range and a default", () => {
    const open = pkg.parameters.filter(
      ({ access, dataType, enumeration, range, defaultValue }) =>
        access !== "read" &&
        (dataType === "float" || dataType === "double" || integerRangeOf(dataType) !== undefined) &&
        enumeration.length === 0 &&
        (range === undefined || defaultValue === undefined),
    );

    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("describes and binds every parameter", () => {
    const open = pkg.parameters.filter(
      ({ bindings, description }) => Object.keys(bindings).length === 0 || description === "",
    );

    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("binds every command and confirms switching by state", () => {
    const unbound = pkg.commands.filter(({ bindings }) => Object.keys(bindings).length === 0);
    const unconfirmed = pkg.commands.filter(
      ({ effect, confirm }) => (effect === "trip" || effect === "close") && confirm.by !== "state",
    );

    expect([unbound, unconfirmed].map((commands) => commands.map(({ name }) => name))).toEqual([[], []]);
  });

  it("never lets Close be sent twice", () => {
    const repeated = pkg.commands.filter(({ effect, idempotent }) => effect === "close" && idempotent);

    expect(repeated).toEqual([]);
  });
});
