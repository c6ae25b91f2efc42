import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { HostUnderLoad } from "./ingest/host-under-load.ts";
import { OpcUaWatcher } from "./ingest/opcua-watcher.ts";
import { complaintsOf, type Footprint, growthOfMemory } from "./suite/growth-of-memory.ts";
import { report } from "./support/report.ts";

/**
 * Months of use in minutes: many messages, births again and again, clients that come, subscribe and go; what stays in
 * memory, which handles stay open, and whether every message is in the store afterwards. `--minutes 30` for a release;
 * `--judge` fails when something grows or is lost.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    judge: { type: "boolean", default: false },
    minutes: { type: "string", default: "0.5" },
    devices: { type: "string", default: "100" },
    rate: { type: "string", default: "2000" },
    values: { type: "string", default: "15" },
  },
});
const devices = Number(options.devices);
const minutes = Number(options.minutes);
const roundS = minutes > 2 ? 5 : 1.5;
/** Before the first footprint: a new host fills its caches, and its code is compiled while it works. */
const warmUpRounds = 6;

await using fleet = await HostUnderLoad.start({ devices, protocol: "sparkplug", history: "history" });
const { host, feeder } = fleet;

/** A client that looks at every device for a moment. */
async function visit(): Promise<void> {
  await using watcher = await OpcUaWatcher.connect(fleet.opcuaPort, 100);
  await watcher.watch(devices);
  await sleep(500);
}

let published = 0;

/** Load with visits and births; then what is left without visitors. */
async function round(): Promise<Readonly<Record<string, number>>> {
  const load = feeder.ask({ rate: Number(options.rate), values: Number(options.values), seconds: roundS });
  await Promise.all([visit(), visit()]);
  published += (await load)["published"] ?? 0;
  await feeder.ask({ introduce: 1 });
  await sleep(300);
  return host.ask({ collect: 1 });
}

for (let i = 0; i < warmUpRounds; i += 1) await round();
const begin = performance.now();
const prints: Footprint[] = [];
let last: Readonly<Record<string, number>> = {};
while (performance.now() - begin < minutes * 60_000 || prints.length < 6) {
  last = await round();
  const { heapMiB = Number.NaN, handles = Number.NaN, openFiles = Number.NaN } = last;
  const minute = (performance.now() - begin) / 60_000;
  prints.push({ minute, heapMiB, handles, openFiles });
  process.stderr.write(
    `${minute.toFixed(2).padStart(6)} min  ${heapMiB.toFixed(2)} MiB  ${handles} handles  ${openFiles} files\n`,
  );
}
const { stored = 0 } = await host.ask({ verify: 1 });
const growth = growthOfMemory(prints);
const figures = { ...growth, lost: published - stored };
report(
  "soak",
  {
    minutes,
    messages: published,
    rounds: prints.length,
    ...figures,
    heapMiB: last["heapMiB"] ?? Number.NaN,
    rssMiB: last["rssMiB"] ?? Number.NaN,
  },
  minutes < 30 ? "soak" : "soak-30-min",
);
const complaints = options.judge ? complaintsOf(figures, minutes) : [];
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;
