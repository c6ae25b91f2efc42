import { parseArgs } from "node:util";
import { ingestCosts } from "./ratios/ingest.ts";
import { historyCosts } from "./support/history-cost.ts";
import { report } from "./support/report.ts";
import { subscriberCost } from "./support/subscriber-cost.ts";

/**
 * How cost grows: CPU per Sparkplug message with the number of devices, CPU per notification with the number of
 * subscribers, and the time of a history read with the number of values in the series.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "100,1000,10000" },
    subscribers: { type: "string", default: "1,10,100" },
    values: { type: "string", default: "10000,100000,1000000" },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);

const figures: Record<string, number> = {};
const ratios: number[] = [];
for (const devices of numbers(options.devices)) {
  const { cost, ratio } = await ingestCosts({ protocol: "sparkplug", devices, values: 47 });
  figures[`cpuUsPerMessageAt${devices}Devices`] = cost;
  ratios.push(ratio);
}
// Of the ratios with mqtt.js alone, so that a machine that is busy with something else at one of them does not count.
figures["deviceCostRatio"] = (ratios.at(-1) ?? Number.NaN) / (ratios[0] ?? Number.NaN);
for (const subscribers of numbers(options.subscribers)) {
  figures[`cpuUsPerNotificationAt${subscribers}Subscribers`] = await subscriberCost(subscribers);
}
for (const [size, ms] of await historyCosts(numbers(options.values))) figures[`readMsAt${size}Values`] = ms;
report("growth", figures);
process.exit(0);
