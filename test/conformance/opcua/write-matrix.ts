import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { withMatrix } from "./matrix.ts";
import { facets, testFileOf } from "./units.ts";

/** Runs the conformance tests and, when every claimed unit passes, writes the matrix into docs/conformance.md. */

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const root = resolve(import.meta.dirname, "../../..");
const documentPath = join(root, "docs/conformance.md");

const folder = await mkdtemp(join(tmpdir(), "fdi-host-conformance-"));
const outputFile = join(folder, "results.json");
const args = ["run", "--project", "conformance-opcua", "--exclude", "**/matrix.test.ts", "--reporter=json"];
spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args, `--outputFile=${outputFile}`], {
  cwd: root,
  stdio: "inherit",
});
const report = JSON.parse(readFileSync(outputFile, "utf8")) as TestReport;
await rm(folder, { recursive: true });

const failures = facets
  .flatMap(({ units }) => units)
  .filter(({ name, open }) => open === undefined && !passes(testFileOf(name)))
  .map(({ name }) => name);
if (failures.length > 0) {
  process.stderr.write(`not written; these units are claimed and do not pass: ${failures.join(", ")}\n`);
  process.exitCode = 1;
} else {
  writeFileSync(documentPath, withMatrix(readFileSync(documentPath, "utf8")));
  process.stdout.write(`${documentPath} written\n`);
}

function passes(file: string): boolean {
  const tests = report.testResults
    .filter(({ name }) => name.endsWith(`/${file}`))
    .flatMap((found) => found.assertionResults);
  return tests.length > 0 && tests.every(({ status }) => status === "passed");
}
