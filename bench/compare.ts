import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ratioFigures, tolerance } from "./suite/benchmarks.ts";
import { judgeBest, type Verdict } from "./suite/judge-ratio.ts";
import { type Figures, runBench } from "./suite/run-bench.ts";

/**
 * Measures the ratios again and fails with both numbers when one is more than 30 % worse than in the committed results. One
 * that looks worse is measured up to three times, and the best counts.
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
const attempts = 3;

const verdicts: Verdict[] = [];
for (const [part, ratios] of Map.groupBy(ratioFigures, (ratio) => ratio.part)) {
  if (only !== undefined && !only.includes(part)) continue;
  const measure = (): Promise<Figures> => runBench("ratios", ["--only", part]);
  for (const verdict of await judgeBest(ratios, results["ratios"], measure, attempts)) {
    verdicts.push(verdict);
    const word = verdict.isWorse ? `WORSE by more than ${tolerance * 100} %` : "ok";
    const numbers = `committed ${verdict.before.toFixed(2).padStart(7)}   now ${verdict.now.toFixed(2).padStart(7)}`;
    process.stdout.write(`${verdict.figure.padEnd(24)} ${numbers}   ${word}\n`);
  }
}
process.stdout.write(`${JSON.stringify({ bench: "compare", against: committed, verdicts })}\n`);
process.exit(verdicts.length > 0 && verdicts.every(({ isWorse }) => !isWorse) ? 0 : 1);
