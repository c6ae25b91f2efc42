import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { withMatrix } from "./matrix.ts";
import { facets, testFileOf } from "./units.ts";

const documentPath = resolve(import.meta.dirname, "../../../docs/conformance.md");
const units = facets.flatMap((facet) => facet.units);
const met = units.filter(({ open }) => open === undefined).map(({ name }) => testFileOf(name));

describe("the conformance matrix", () => {
  it("claims exactly the units that have tests", () => {
    const files = readdirSync(import.meta.dirname).filter(
      (name) => name.endsWith(".test.ts") && name !== "matrix.test.ts",
    );

    expect(files.sort()).toEqual(met.sort());
  });

  it("names each unit once, and says why each open one is open", () => {
    expect(new Set(units.map(({ name }) => name)).size).toBe(units.length);
    expect(units.filter(({ open }) => open !== undefined && open.trim().length < 10)).toEqual([]);
  });

  it("is in docs/conformance.md as the tests are: run npm run conformance:opcua after changing them", () => {
    const document = readFileSync(documentPath, "utf8");

    expect(document).toBe(withMatrix(document));
  });
});
