import { availableParallelism, cpus } from "node:os";
import { goals } from "#bench/suite/goals.ts";

interface Limit {
  readonly max?: number | undefined;
  readonly min?: number | undefined;
}

/** The limits that the figures of a planned run are to keep, by figure, or by both figures of a ratio. */
function limitsOf(run: string): Record<string, Limit> {
  const bounded = goals.filter(({ run: of, max, min }) => of === run && (max ?? min) !== undefined);
  return Object.fromEntries(
    bounded.map(({ figure, per, max, min }) => [per === undefined ? figure : `${figure}/${per}`, { max, min }]),
  );
}

/**
 * Prints the figures as a small table and, as the last line, as one JSON object with the machine they come from and the
 * limits they are compared with. `run`: the planned run where it is not named like the benchmark.
 */
export function report(bench: string, figures: Readonly<Record<string, unknown>>, run = bench): void {
  const limits = limitsOf(run);
  for (const [name, value] of Object.entries(figures)) {
    const shown = typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value);
    const { max, min } = limits[name] ?? {};
    const limit = max === undefined ? (min === undefined ? "" : `at least ${min}`) : `at most ${max}`;
    process.stdout.write(`${name.padEnd(28)}${shown.padEnd(12)}${limit}`.trimEnd() + "\n");
  }
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? "", node: process.version };
  process.stdout.write(`${JSON.stringify({ bench, ...figures, limits, machine })}\n`);
}
