import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { plannedRuns, ratioFigures, tolerance } from "./suite/benchmarks.ts";
import { judgeRatio, type Verdict } from "./suite/judge-ratio.ts";
import { type Figures, runBench } from "./suite/run-bench.ts";

/**
 * Runs the benchmarks whose ratios mean the same on every machine, in short, and fails with both numbers when one is more
 * than 30 % worse than in the committed results. A run that looks worse is repeated once: machines have bad moments.
 */

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string" },
    against: { type: "string" },
  },
});
const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
const committed = values.against ?? join(root, "bench", "results", `${version}.json`);
const { results } = JSON.parse(readFileSync(committed, "utf8")) as { readonly results: Record<string, Figures> };
const only = values.only?.split(",");

/** The verdicts on all ratios of one run. */
async function judge(run: string): Promise<Verdict[]> {
  const figures = ratioFigures.filter((each) => each.run === run);
  const planned = plannedRuns.find(({ name }) => name === run);
  if (planned === undefined) throw new Error(`${run} is not planned`);
  const now = await runBench(planned.bench, [...planned.args, ...(figures[0]?.quickArgs ?? [])]);
  return figures.map((figure) => judgeRatio(figure, results[run], now));
}

function better(one: Verdict, other: Verdict | undefined): Verdict {
  return other !== undefined && other.change > one.change ? other : one;
}

const verdicts: Verdict[] = [];
for (const run of new Set(ratioFigures.map((figure) => figure.run))) {
  if (only !== undefined && !only.includes(run)) continue;
  const first = await judge(run);
  const second = first.some(({ isWorse }) => isWorse) ? await judge(run) : [];
  for (const [i, verdict] of first.entries()) {
    const best = better(verdict, second[i]);
    verdicts.push(best);
    const word = best.isWorse ? `WORSE by more than ${tolerance * 100} %` : "ok";
    const numbers = `committed ${best.before.toFixed(2).padStart(8)}   now ${best.now.toFixed(2).padStart(8)}`;
    process.stdout.write(`${`${run} ${best.figure}`.padEnd(36)} ${numbers}   ${word}\n`);
  }
}
process.stdout.write(`${JSON.stringify({ bench: "compare", against: committed, verdicts })}\n`);
process.exit(verdicts.some(({ isWorse }) => isWorse) ? 1 : 0);
