import { type RatioFigure, tolerance } from "./benchmarks.ts";
import type { Figures } from "./run-bench.ts";

/** What became of one ratio since the committed results. */
export interface Verdict {
  readonly run: string;
  readonly figure: string;
  readonly before: number;
  readonly now: number;
  /** Above 1: better than before. */
  readonly change: number;
  readonly isWorse: boolean;
}

/** Compares a ratio with the committed one. Throws when either run does not have it. */
export function judgeRatio(ratio: RatioFigure, committed: Figures | undefined, current: Figures): Verdict {
  const { run, figure, better } = ratio;
  const before = ratioIn(ratio, committed, "the committed results");
  const now = ratioIn(ratio, current, "this run");
  const change = better === "higher" ? now / before : before / now;
  return { run, figure, before, now, change, isWorse: change < 1 / (1 + tolerance) };
}

function ratioIn({ run, figure, per }: RatioFigure, figures: Figures | undefined, where: string): number {
  const value = figures?.[figure];
  const divisor = per === undefined ? 1 : figures?.[per];
  const ratio = typeof value === "number" && typeof divisor === "number" ? value / divisor : Number.NaN;
  if (ratio > 0 && Number.isFinite(ratio)) return ratio;
  const wanted = per === undefined ? figure : `${figure} and ${per}`;
  throw new Error(`${run}: no ${wanted} in ${where}`);
}
