import { parseArgs } from "node:util";
import { type Measurement, measurements } from "./ratios/measurements.ts";
import { type Figures, runBench } from "./suite/run-bench.ts";
import { report } from "./support/report.ts";

/**
 * The ratios that a comparison in CI looks at, each measured in short against the least that anybody must do for the same:
 * processor time of both, in turn or at once. They mean the same on every machine. `--only NAME` measures one of them.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: { json: { type: "boolean", default: false }, only: { type: "string" } },
});

/** In a process of its own, as new as in every other run. */
async function measureAlone(name: string): Promise<Figures> {
  const { bench: _bench, machine: _machine, limits: _limits, ...figures } = await runBench("ratios", ["--only", name]);
  return figures;
}

async function measure(name: string): Promise<Figures> {
  const measurement: Measurement | undefined = measurements[name];
  if (measurement === undefined)
    throw new Error(`--only ${name}: expected one of ${Object.keys(measurements).join(", ")}`);
  return measurement();
}

const figures: Record<string, unknown> = {};
if (options.only !== undefined) Object.assign(figures, await measure(options.only));
else for (const name of Object.keys(measurements)) Object.assign(figures, await measureAlone(name));
report("ratios", figures);
process.exit(0);
