import { readFileSync } from "node:fs";
import { array, assert, constantFrom, nat, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReadPackage, readDevicePackage } from "#fdi/read-package.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";
import { PackageError } from "#model/package-problem.ts";

const names = ["dialect-a", "dialect-b", "dialect-c", "everything"] as const;
const texts = new Map(names.map((name) => [name, readFileSync(`test/fixtures/fdi/${name}.fdi`, "utf8")]));

type Mutation = readonly [kind: "delete" | "double" | "swap" | "empty" | "words", at: number, other: number];

/** The file with a whole line taken out, doubled, exchanged or with its attribute values changed. */
function mutated(text: string, mutations: readonly Mutation[]): string {
  const lines = text.split("\n");
  for (const [kind, at, other] of mutations) {
    const [i, j] = [at % lines.length, other % lines.length];
    const line = lines[i] ?? "";
    if (kind === "delete") lines.splice(i, 1);
    else if (kind === "double") lines.splice(i, 0, line);
    else if (kind === "swap") [lines[i], lines[j]] = [lines[j] ?? "", line];
    else if (kind === "empty") lines[i] = line.replace(/"[^"]*"/, '""');
    else lines[i] = line.replace(/"[^"]*"/, /"[^"]*"/.exec(lines[j] ?? "")?.[0] ?? '"x"');
  }
  return lines.join("\n");
}

function read(text: string): ReadPackage | undefined {
  try {
    return readDevicePackage(new TextEncoder().encode(text), "m.fdi");
  } catch (error) {
    expect(error).toBeInstanceOf(PackageError);
    return undefined;
  }
}

type Edit = "delete" | "double" | "swap" | "empty" | "words";

/** What earlier runs found: a template that sets a text to nothing, two commands with one name. */
const found: [string, [Edit, number, number][]][] = [
  [
    "dialect-b",
    [
      ["swap", 586, 931],
      ["empty", 392, 0],
    ],
  ],
  [
    "dialect-b",
    [
      ["swap", 910, 931],
      ["delete", 0, 0],
    ],
  ],
  [
    "dialect-a",
    [
      ["words", 676, 644],
      ["delete", 0, 0],
    ],
  ],
];

describe("a file that was edited at random", () => {
  it("is refused with a PackageError, or becomes a package that dialect v2 can write and read back", () => {
    const mutation = tuple(constantFrom<Edit[]>("delete", "double", "swap", "empty", "words"), nat(1000), nat(1000));
    let accepted = 0;

    assert(
      property(constantFrom(...names), array(mutation, { minLength: 1, maxLength: 6 }), (file, mutations) => {
        const first = read(mutated(texts.get(file) ?? "", mutations));
        if (first === undefined) return;
        accepted += 1;
        const written = writeDevicePackage(first.package);
        const second = readDevicePackage(new TextEncoder().encode(written), "again.fdi");
        expect(second.warnings).toEqual([]);
        expect(writeDevicePackage(second.package)).toBe(written);
      }),
      { numRuns: 200, examples: found },
    );
    expect(accepted).toBeGreaterThan(10);
  }, 60_000);
});
