import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "#bench/ingest/child.ts";
import { HostUnderLoad, type LoadShape } from "#bench/ingest/host-under-load.ts";
import { median } from "#bench/support/percentile.ts";

const warmUpS = 6;
const roundS = 2;
const rounds = 5;
const rate = 3_000;

/**
 * Processor time of the whole host for a message against that of mqtt.js that only receives and decodes: both get the same
 * messages at the same time. The median of five rounds. Throws when a message does not arrive.
 */
export async function ingestRatio(shape: Omit<LoadShape, "history"> & { readonly values: number }): Promise<number> {
  await using fleet = await HostUnderLoad.start({ ...shape, history: "no-history" });
  const { host, feeder, brokerPort } = fleet;
  const limit = await Child.start("limit-process.ts", [brokerPort, shape.protocol, shape.devices]);
  const sides = [
    { child: host, count: "accepted" },
    { child: limit, count: "messages" },
  ];
  const ask = async () => Promise.all(sides.map(({ child }) => child.ask({})));
  const round = async (seconds: number): Promise<number> => {
    const before = await ask();
    const { published = 0 } = await feeder.ask({ rate, seconds, values: shape.values });
    const arrived = (answers: typeof before): number =>
      Math.min(...sides.map(({ count }, i) => (answers[i]?.[count] ?? 0) - (before[i]?.[count] ?? 0)));
    let after = await ask();
    for (const end = performance.now() + 60_000; arrived(after) < published; after = await ask()) {
      if (performance.now() > end) throw new Error(`${arrived(after)} of ${published} messages arrived`);
      await sleep(50);
    }
    const [cost = Number.NaN, least = Number.NaN] = after.map(
      ({ cpuUs = 0 }, i) => (cpuUs - (before[i]?.["cpuUs"] ?? 0)) / published,
    );
    return cost / least;
  };
  await round(warmUpS);
  const ratios: number[] = [];
  while (ratios.length < rounds) ratios.push(await round(roundS));
  await limit.stop();
  return median(ratios);
}
