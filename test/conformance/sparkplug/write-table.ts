import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Runs the Sparkplug conformance tests and, when every assertion passes, writes their table into docs/conformance.md. */

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

const root = path.resolve(import.meta.dirname, "../../..");
const documentPath = path.join(root, "docs/conformance.md");
const begin = "<!-- sparkplug: written by npm run conformance:sparkplug -->";
const end = "<!-- sparkplug: end -->";

const ids = readFileSync(path.join(root, "test/fixtures/sparkplug/host-ids.txt"), "utf8").trim().split("\n");
const results = new Map(
  run().testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((assertion) => [assertion.title, { ...assertion, file: path.basename(name) }] as const),
  ),
);
const missing = ids.filter((id) => results.get(id)?.status !== "passed");
if (missing.length > 0) {
  process.stderr.write(`not written; these assertions do not pass: ${missing.join(", ")}\n`);
  process.exitCode = 1;
} else {
  const document = existsSync(documentPath) ? readFileSync(documentPath, "utf8") : "# Conformance\n";
  writeFileSync(documentPath, withTable(document, table()));
  process.stdout.write(`${documentPath} written\n`);
}

function run(): TestReport {
  const folder = mkdtempSync(path.join(tmpdir(), "fdi-host-conformance-"));
  const outputFile = path.join(folder, "results.json");
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const args = ["run", "--project", "conformance", "test/conformance/sparkplug", "--reporter=json"];
  spawnSync(process.execPath, [vitest, ...args, `--outputFile=${outputFile}`], { cwd: root, stdio: "inherit" });
  const report = JSON.parse(readFileSync(outputFile, "utf8")) as TestReport;
  rmSync(folder, { recursive: true });
  return report;
}

function table(): string {
  const rows = ids.map((id) => {
    const { ancestorTitles = [], file = "" } = results.get(id) ?? {};
    return `| tck-id-${id} | ${ancestorTitles[0] ?? ""} | [${file}](../test/conformance/sparkplug/${file}) |`;
  });
  return `## Sparkplug 3.0, Host Application

Every assertion for host applications (64) and for their commands (28) has a test of its name, against a real MQTT broker in the
test's process that writes down what the host sends. The Sparkplug TCK has not been run. Two assertions (alias instead of name, no
datatype in commands) hold with the option \`strict\` only: by default commands carry name and datatype, because devices in use can
read nothing else.

${ids.length - missing.length} of ${ids.length} assertions are met.

| assertion | about | test |
|---|---|---|
${rows.join("\n")}
`;
}

/** The document with the table in its place, or behind everything else. */
function withTable(document: string, content: string): string {
  const section = `${begin}\n\n${content}\n${end}\n`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n${section}`;
  return `${document.slice(0, from)}${section}${document.slice(to + end.length).replace(/^\n/, "")}`;
}
