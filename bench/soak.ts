import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Child } from "./ingest/child.ts";
import { OpcUaWatcher } from "./ingest/opcua-watcher.ts";
import { freePort } from "./support/free-port.ts";
import { report } from "./support/report.ts";

/**
 * Months of use in minutes: many messages, births again and again, clients that come, subscribe and go; what stays in
 * memory, which handles stay open, and whether every message is in the store afterwards. `--minutes 30` for a release.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    minutes: { type: "string", default: "0.75" },
    devices: { type: "string", default: "200" },
    rate: { type: "string", default: "2000" },
    values: { type: "string", default: "15" },
  },
});
const devices = Number(options.devices);
const minutes = Number(options.minutes);
const roundS = 5;

const [brokerPort, opcuaPort, httpPort] = [await freePort(), await freePort(), await freePort()];
const broker = await Child.start("broker-process.ts", [brokerPort]);
const host = await Child.start("host-process.ts", [brokerPort, "history", devices, opcuaPort, httpPort]);
const feeder = await Child.start("feeder-process.ts", [brokerPort, "sparkplug", devices]);
await feeder.ask({ introduce: 1 });
while ((await host.ask({}))["devices"] !== devices) await sleep(100);

/** A client that looks at every device for a moment. */
async function visit(): Promise<void> {
  await using watcher = await OpcUaWatcher.connect(opcuaPort, 100);
  await watcher.watch(devices);
  await sleep(1_000);
}

let published = 0;
const heap: { readonly minute: number; readonly heapMiB: number }[] = [];

/** Load with visits and births; then the heap and the handles without visitors. */
async function round(seconds: number): Promise<Readonly<Record<string, number>>> {
  const load = feeder.ask({ rate: Number(options.rate), values: Number(options.values), seconds });
  await Promise.all([visit(), visit()]);
  published += (await load)["published"] ?? 0;
  await feeder.ask({ introduce: 1 });
  await sleep(500);
  return host.ask({ collect: 1 });
}

const before = await round(roundS);
const begin = performance.now();
let after = before;
while (performance.now() - begin < minutes * 60_000) {
  after = await round(roundS);
  heap.push({ minute: (performance.now() - begin) / 60_000, heapMiB: after["heapMiB"] ?? Number.NaN });
}
const { stored = 0 } = await host.ask({ verify: 1 });
await feeder.stop();
await host.stop();
await broker.stop();

report("soak", {
  minutes,
  messages: published,
  rounds: heap.length,
  heapSlopeMiBPerMin: slopeOf(heap.slice(Math.floor(heap.length / 3))),
  heapMiB: after["heapMiB"] ?? Number.NaN,
  rssMiB: after["rssMiB"] ?? Number.NaN,
  handleDelta: (after["handles"] ?? Number.NaN) - (before["handles"] ?? Number.NaN),
  lost: published - stored,
});
process.exit(0);

/** Least squares, without the first third: a running host fills its caches first. */
function slopeOf(points: typeof heap): number {
  const mean = (of: (point: (typeof heap)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean(({ minute }) => minute);
  const y = mean(({ heapMiB }) => heapMiB);
  const covariance = mean(({ minute, heapMiB }) => (minute - x) * (heapMiB - y));
  return covariance / mean(({ minute }) => (minute - x) ** 2);
}
