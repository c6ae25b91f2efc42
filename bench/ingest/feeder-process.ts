import { setTimeout as sleep } from "node:timers/promises";
import { cpuUs, serve } from "./child.ts";
import type { FeedMessage } from "./feed.ts";
import { feedOf } from "./feed-of.ts";
import { Publisher } from "./publisher.ts";

/** The fleet, in a process of its own. Arguments: broker port, protocol, devices. */
const [port = "0", protocol = "", deviceCount = "0"] = process.argv.slice(2);
const devices = Number(deviceCount);
const feed = await feedOf(protocol, devices);
const publisher = await Publisher.connect(Number(port));
const counts = new Float64Array(devices);

interface Run {
  readonly rate: number;
  readonly seconds: number;
  readonly values: number;
  /** Time between two writes: what a value waits for here counts as its lag. */
  readonly tickMs: number;
}

/** Publishes evenly; the times of the values are those of the plan, so that lateness shows. */
async function run({ rate, seconds, values, tickMs }: Run): Promise<number> {
  const total = Math.round(rate * seconds);
  const begin = Date.now();
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((Date.now() - begin) * rate) / 1000));
    const messages: FeedMessage[] = [];
    for (; sent < due; sent += 1) {
      const device = sent % devices;
      const count = counts[device] ?? 0;
      counts[device] = count + 1;
      messages.push(feed.message(device, count, values, begin + Math.floor((sent * 1000) / rate)));
    }
    if (messages.length > 0) await publisher.publish(messages);
    await sleep(tickMs);
  }
  return total;
}

process.once("SIGTERM", () => {
  publisher.close();
  process.exit(0);
});
serve(async (order) => {
  const { introduce, rate = 0, seconds = 0, values = 0, tickMs = 5 } = order;
  if (introduce !== undefined) await publisher.publish(feed.introductions(Date.now()));
  const published = await run({ rate, seconds, values, tickMs });
  return { published, cpuUs: cpuUs() };
});
