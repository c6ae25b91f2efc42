import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const here = import.meta.dirname;

it("every assertion for host applications and commands has exactly one test of its name", () => {
  const ids = readFileSync(path.join(here, "../../fixtures/sparkplug/host-ids.txt"), "utf8").trim().split("\n");
  // Tests of other things have names with blanks.
  const sources = readdirSync(here).filter((file) => file.endsWith(".test.ts") && file !== "completeness.test.ts");
  const named = sources.flatMap((file) =>
    [...readFileSync(path.join(here, file), "utf8").matchAll(/^ {2}it\("([^" ]+)"/gm)].map(([, name]) => name ?? ""),
  );

  expect(ids).toHaveLength(92);
  expect(named.toSorted()).toEqual(ids.toSorted());
});
