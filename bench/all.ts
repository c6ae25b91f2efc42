import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { plannedRuns } from "./suite/benchmarks.ts";
import { type Figures, runBench } from "./suite/run-bench.ts";

/**
 * Every benchmark, one after the other, each in processes of its own: `npm run -s bench -- all --json > results.json`.
 * `--only a,b` runs some, also those that take very long; `--into FILE` puts each result into a file as soon as it is there and leaves what else the file
 * holds. One that fails is told at the end, with exit code 1, and costs the others nothing.
 */

interface Results {
  readonly machine: Figures;
  readonly results: Readonly<Record<string, Figures>>;
}

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string" },
    into: { type: "string" },
  },
});
const only = values.only?.split(",");
const unknown = only?.filter((name) => !plannedRuns.some((run) => run.name === name)) ?? [];
if (unknown.length > 0) {
  const known = plannedRuns.map(({ name }) => name).join(", ");
  process.stderr.write(`no benchmark ${unknown.join(", ")}; there are ${known}\n`);
  process.exit(1);
}

const machine = {
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? "",
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
};

/** What the file holds already, in the order of the plan. */
function earlier(): Results["results"] {
  if (values.into === undefined || !existsSync(values.into)) return {};
  return (JSON.parse(readFileSync(values.into, "utf8")) as Results).results;
}

const found: Record<string, Figures> = { ...earlier() };

function keep(): string {
  const results = Object.fromEntries(
    plannedRuns.flatMap(({ name }) => (found[name] === undefined ? [] : [[name, found[name]]])),
  );
  const text = `${JSON.stringify({ machine, results } satisfies Results, undefined, values.json ? 2 : undefined)}\n`;
  if (values.into !== undefined) writeFileSync(values.into, text);
  return text;
}

const failures: string[] = [];
for (const { name, bench, args, isLong } of plannedRuns) {
  if (only === undefined ? isLong : !only.includes(name)) continue;
  const begin = performance.now();
  process.stderr.write(name.padEnd(20));
  try {
    found[name] = await runBench(bench, args);
    if (values.into !== undefined) keep();
    process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s\n`);
  } catch (error) {
    failures.push(name);
    process.stderr.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
process.stdout.write(keep());
process.exit(failures.length === 0 ? 0 : 1);
