import { median } from "#bench/support/percentile.ts";

/** What one round costs, in microseconds of processor time for each of what it does. */
export type Round = () => Promise<number> | number;

/**
 * How many times more expensive `ours` is than `limit`: both in turn, once without counting, then the median over `rounds`
 * rounds of the ratio in each, so that what the machine does meanwhile hits both.
 */
export async function costRatio(rounds: number, ours: Round, limit: Round): Promise<number> {
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const cost = await ours();
    const least = await limit();
    if (round > 0) ratios.push(cost / least);
  }
  return median(ratios);
}
