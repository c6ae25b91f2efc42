import { availableParallelism, cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { plannedRuns } from "./suite/benchmarks.ts";
import { type Figures, runBench } from "./suite/run-bench.ts";

/**
 * Every benchmark, one after the other, each in processes of its own: `npm run -s bench -- all --json > results.json`.
 * `--only a,b` runs some; one that fails is told at the end, with exit code 1, and costs the others nothing.
 */

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { json: { type: "boolean", default: false }, only: { type: "string" } },
});
const only = values.only?.split(",");
const unknown = only?.filter((name) => !plannedRuns.some((run) => run.name === name)) ?? [];
if (unknown.length > 0) {
  const known = plannedRuns.map(({ name }) => name).join(", ");
  process.stderr.write(`no benchmark ${unknown.join(", ")}; there are ${known}\n`);
  process.exit(1);
}

const results: Record<string, Figures> = {};
const failures: string[] = [];
for (const { name, bench, args } of plannedRuns) {
  if (only !== undefined && !only.includes(name)) continue;
  const begin = performance.now();
  process.stderr.write(name.padEnd(20));
  try {
    results[name] = await runBench(bench, args);
    process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s\n`);
  } catch (error) {
    failures.push(name);
    process.stderr.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

const machine = {
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? "",
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
};
process.stdout.write(`${JSON.stringify({ machine, results }, undefined, values.json ? 2 : undefined)}\n`);
process.exit(failures.length === 0 ? 0 : 1);
