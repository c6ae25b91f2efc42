/** What one round costs, in any unit of processor time for each of what it does. */
export type Round = () => Promise<number> | number;

/** Means of the rounds that count, and their ratio. */
export interface Costs {
  readonly cost: number;
  readonly least: number;
  readonly ratio: number;
}

/**
 * How many times more expensive `ours` is than `limit`. Both run in turn, in short rounds of the same process, so that
 * whatever the machine does hits both alike; the rounds in the middle half by their ratio count, added up, and the first fifth
 * not at all: code is compiled while it runs.
 */
export async function costRatio(rounds: number, ours: Round, limit: Round): Promise<Costs> {
  const pairs: { readonly cost: number; readonly least: number }[] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push({ cost: await ours(), least: await limit() });
  const warm = pairs.slice(Math.floor(rounds / 5)).toSorted((a, b) => a.cost / a.least - b.cost / b.least);
  const quarter = Math.floor(warm.length / 4);
  const middle = warm.slice(quarter, warm.length - quarter);
  const mean = (of: "cost" | "least"): number => middle.reduce((sum, pair) => sum + pair[of], 0) / middle.length;
  const [cost, least] = [mean("cost"), mean("least")];
  return { cost, least, ratio: cost / least };
}

/** Processor time of this thread, in microseconds. */
export function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
