import { readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startBenchHost } from "./bench-host.ts";
import { cpuUs, serve } from "./child.ts";
import { deviceName, sequenceParameter } from "./feed.ts";

/** The measured process: the whole host. Arguments: broker port, `history` or `no-history`, devices, ports. */
const [brokerPort = "0", history = "", deviceCount = "0", opcuaPort = "0", httpPort = "0"] = process.argv.slice(2);
const { host, folder } = await startBenchHost({
  brokerPort: Number(brokerPort),
  hasHistory: history === "history",
  opcuaPort: Number(opcuaPort),
  httpPort: Number(httpPort),
});
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const { live, registry, traffic } = host.fleet;
/** From the time in the message to its arrival here, sampled. */
let lags: number[] = [];
const sampling = setInterval(() => {
  for (const device of registry.all()) {
    const slot = device.firstSlot + (device.package.parameterByName.get(sequenceParameter)?.index ?? 0);
    lags.push((live.receivedTimes[slot] ?? Number.NaN) - (live.times[slot] ?? Number.NaN));
  }
}, 500);
sampling.unref();

/** Waits until everything is in the store, then looks for each sequence number in it. */
async function verify(): Promise<object> {
  const begin = performance.now();
  while (host.historian.counters().queued > 0 && performance.now() - begin < 600_000) await sleep(100);
  const drainS = (performance.now() - begin) / 1000;
  let stored = 0;
  for (const device of registry.all()) stored += await countStored(device.id);
  const { merged, dropped } = host.historian.counters();
  const lostByHistory = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return { stored, drainS, merged, dropped: lostByHistory };
}

/** Different sequence numbers of a device in the store; the one of its introduction is not counted. */
async function countStored(device: string): Promise<number> {
  const found = new Set<number>();
  let after: number | undefined;
  for (;;) {
    const page = await host.historian.raw({
      device: registry.get(device).id,
      parameter: sequenceParameter,
      from: undefined,
      to: undefined,
      reverse: false,
      limit: 10_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const value of page.values) found.add(value);
    after = page.times.at(-1);
    if (!page.more || after === undefined) return found.size;
  }
}

/** Devices whose last sequence number has reached the live values. */
function reached(count: number): number {
  let devices = 0;
  for (let i = 0; i < Number(deviceCount); i += 1) {
    const device = registry.find(deviceName(i));
    const spec = device?.package.parameterByName.get(sequenceParameter);
    if (device !== undefined && spec !== undefined && live.get(device, spec).value === count) devices += 1;
  }
  return devices;
}

/** So that the heap shows what is kept; code that V8 would compile again later is kept, or its going would hide a leak. */
function collectGarbage(): void {
  for (const flag of ["--expose-gc", "--no-flush-bytecode", "--no-flush-baseline-code"]) setFlagsFromString(flag);
  const collect = runInNewContext("gc") as () => void;
  collect();
}

function figures(): object {
  const sorted = lags.filter((lag) => !Number.isNaN(lag)).sort((a, b) => a - b);
  lags = [];
  return {
    cpuUs: cpuUs(),
    devices: registry.size,
    accepted: traffic.accepted,
    rejected: traffic.rejectedTotal,
    samples: traffic.samples,
    lagP95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
    rssMiB: process.memoryUsage.rss() / 1024 / 1024,
    heapMiB: process.memoryUsage().heapUsed / 1024 / 1024,
    handles: process.getActiveResourcesInfo().length,
    openFiles: readdirSync("/proc/self/fd").length,
  };
}

process.once("SIGTERM", () => {
  host[Symbol.asyncDispose]().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
serve(async ({ verify: isVerifying, reached: count, collect }) => {
  if (isVerifying !== undefined) return verify();
  if (collect !== undefined) collectGarbage();
  return { ...figures(), ...(count === undefined ? {} : { reached: reached(count) }) };
});
