import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { percentile } from "./support/percentile.ts";
import { report } from "./support/report.ts";
import { breakerMethods, emptyMethod, SecuredClient, ServerProcess } from "./support/secured-server.ts";

/**
 * How fast commands are: from a client's Call over a signed and encrypted connection, through roles, lock, interlocks and
 * the audit on disk, to a breaker that answers at once, and back.
 */

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "1000" },
    trips: { type: "string", default: "500" },
    rounds: { type: "string", default: "9" },
  },
});
const devices = Number(values.devices);
const names = Array.from({ length: devices }, (_, i) => `CB-${String(i + 1).padStart(4, "0")}`);

const trips = Number(values.trips);

const server = await ServerProcess.start("loopback-host.ts", devices);
const host = await SecuredClient.connect(server.port, "bench");
const { trip, close } = await breakerMethods(host.session);

/** Median time (ms) of a call of a method that does nothing, of a server of node-opcua alone. */
async function measureLimit(): Promise<number> {
  await using empty = await ServerProcess.start("empty-method-host.ts");
  await using bare = await SecuredClient.connect(empty.port, "anonymous");
  for (let i = 0; i < 100; i += 1) await bare.call([emptyMethod]);
  const times: number[] = [];
  for (let i = 0; i < trips; i += 1) times.push(await bare.call([emptyMethod]));
  return percentile(times, 0.5);
}

for (let i = 0; i < 100; i += 1) {
  await host.call([trip("CB-0001")]);
  await host.call([close("CB-0001")]);
}

const single: number[] = [];
const cpuBefore = await server.cpuMs();
for (let i = 0; i < trips; i += 1) {
  const target = names[i % devices] ?? "";
  single.push(await host.call([trip(target)]));
  await host.call([close(target)]);
}
const cpuPerCommandMs = ((await server.cpuMs()) - cpuBefore) / single.length / 2;

/** Lets the host finish what follows its answers, e.g. the audit of a thousand outcomes. */
const pauseMs = 200;

const batches: number[] = [];
const thousands: number[] = [];
for (let i = 0; i < Number(values.rounds); i += 1) {
  const hundred = names.slice(0, 100);
  await sleep(pauseMs);
  batches.push(await host.call(hundred.map(trip)));
  await host.call(hundred.map(close));
  await sleep(pauseMs);
  thousands.push(await host.call(names.slice(0, 1000).map(trip)));
  await host.call(names.slice(0, 1000).map(close));
}

await host[Symbol.asyncDispose]();
await server[Symbol.asyncDispose]();
const limitP50Ms = await measureLimit();

report("commands", {
  tripP50Ms: percentile(single, 0.5),
  limitP50Ms,
  tripP95Ms: percentile(single, 0.95),
  batch100Ms: percentile(batches, 0.5),
  batch100MaxMs: Math.max(...batches),
  thousandS: percentile(thousands, 0.5) / 1000,
  thousandMaxS: Math.max(...thousands) / 1000,
  hostCpuMsPerCommand: cpuPerCommandMs,
  devices,
});
process.exit(0);
