import { monitorEventLoopDelay } from "node:perf_hooks";
import { BareServer } from "./bare-server.ts";
import { OpcUaBenchServer } from "./opcua-bench-server.ts";
import { syntheticPackage } from "./synthetic-package.ts";

/** The measured process of `notify`: a server that changes values at a given rate and tells what it cost. */

export interface Order {
  /** Values per second to change, spread over the devices; 0 = none. */
  readonly valuesPerS: number;
  /** Only the first so many devices change. */
  readonly devices: number;
  readonly variables: number;
}

export interface Cost {
  readonly cpuUs: number;
  readonly cpuPercent: number;
  readonly loopP999Ms: number;
  readonly values: number;
}

const [port = "0", devices = "0", variables = "0"] = process.argv.slice(2);
const pkg = syntheticPackage({ variables: Number(variables), methods: 8, groups: 6 });
const bench = new OpcUaBenchServer(Number(port), pkg, Number(devices));
await bench.server.start();
for (const device of bench.devices) bench.sample(device, Number(variables), 0);

let order: Order = { valuesPerS: 0, devices: 0, variables: 0 };
let next = 0;
let owed = 0;
let values = 0;
let round = 1;
let last = performance.now();
let ticking: NodeJS.Timeout | undefined;

function tick(): void {
  const now = performance.now();
  owed += (order.valuesPerS * (now - last)) / 1000;
  last = now;
  while (order.valuesPerS > 0 && owed >= order.variables) {
    const device = bench.devices[next];
    if (device !== undefined) bench.sample(device, order.variables, round);
    next += 1;
    if (next >= order.devices) [next, round] = [0, round + 1];
    owed -= order.variables;
    values += order.variables;
  }
}

const delay = monitorEventLoopDelay({ resolution: 5 });
let cpu = process.cpuUsage();
let since = performance.now();
let bare: BareServer | undefined;
process.on("message", (message: { readonly order?: Order; readonly ask?: true; readonly limit?: true }) => {
  if (message.limit !== undefined) {
    void measureLimit().then((us) => process.send?.(us));
    return;
  }
  if (message.order !== undefined) {
    order = message.order;
    clearInterval(ticking);
    if (order.valuesPerS > 0) ticking = setInterval(tick, 5);
    [owed, values, cpu, since, last] = [0, 0, process.cpuUsage(), performance.now(), performance.now()];
    delay.reset();
    if (order.valuesPerS > 0) delay.enable();
    else delay.disable();
    return;
  }
  const used = process.cpuUsage(cpu);
  const cpuUs = used.user + used.system;
  const cpuPercent = cpuUs / 10 / (performance.now() - since);
  process.send?.({ cpuUs, cpuPercent, loopP999Ms: delay.percentile(99.9) / 1e6, values } satisfies Cost);
});

/** CPU time (us) of node-opcua's own way to set a value, in this process too. */
async function measureLimit(): Promise<number> {
  bare ??= await BareServer.start();
  return bare.setValuesUs();
}

process.on("SIGINT", () => process.exit(0));
// Not left behind when the benchmark fails.
process.once("disconnect", () => process.exit(1));
process.send?.("ready");
