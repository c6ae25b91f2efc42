import { type RatioFigure, tolerance } from "./benchmarks.ts";
import type { Figures } from "./run-bench.ts";

/** What became of one ratio since the committed results. */
export interface Verdict {
  readonly figure: string;
  readonly before: number;
  readonly now: number;
  /** Above 1: better than before. */
  readonly change: number;
  readonly isWorse: boolean;
}

/** Compares a ratio with the committed one. Throws when either run does not have it. */
export function judgeRatio(ratio: RatioFigure, committed: Figures | undefined, current: Figures): Verdict {
  const { figure, better } = ratio;
  const before = ratioIn(ratio, committed, "the committed results");
  const now = ratioIn(ratio, current, "this run");
  const change = better === "higher" ? now / before : before / now;
  return { figure, before, now, change, isWorse: change < 1 / (1 + tolerance) };
}

function ratioIn({ figure }: RatioFigure, figures: Figures | undefined, where: string): number {
  const ratio = figures?.[figure];
  if (typeof ratio === "number" && ratio > 0 && Number.isFinite(ratio)) return ratio;
  throw new Error(`no ${figure} in ${where}`);
}

/**
 * Measures ratios until none is worse than the committed one, at most `attempts` times, and keeps the best of each: a machine
 * has bad moments, a slower program is slower every time.
 */
export async function judgeBest(
  ratios: readonly RatioFigure[],
  committed: Figures | undefined,
  measure: () => Promise<Figures>,
  attempts: number,
): Promise<readonly Verdict[]> {
  let best: readonly Verdict[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const current = await measure();
    const verdicts = ratios.map((ratio) => judgeRatio(ratio, committed, current));
    best = verdicts.map((verdict, i) => {
      const other = best[i];
      return other !== undefined && other.change > verdict.change ? other : verdict;
    });
    if (best.every(({ isWorse }) => !isWorse)) break;
  }
  return best;
}
