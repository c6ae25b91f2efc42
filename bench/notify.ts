import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  type DataValue,
  TimestampsToReturn,
} from "node-opcua-client";
import { bareSetValueUs } from "./support/bare-set-value.ts";
import { connectBenchClient } from "./support/bench-client.ts";
import { freePort } from "./support/free-port.ts";
import type { Cost, Order } from "./support/opcua-bench-child.ts";
import { report } from "./support/report.ts";

/** What subscriptions cost: notifications per second to one subscriber, idle items, latency, reads; with a full fleet. */

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "10000" },
    variables: { type: "string", default: "45" },
    seconds: { type: "string", default: "8" },
    /** Notifications per second to the one subscriber. */
    rate: { type: "string", default: "50000" },
    /** Folder for a CPU profile of the server. */
    profile: { type: "string" },
  },
});
const devices = Number(options.devices);
const variables = Number(options.variables);
const seconds = Number(options.seconds);
const itemsWanted = 50_000;
const notificationsPerS = Number(options.rate);
const fullFleetValuesPerS = 20_000;

const port = await freePort();
const server = fork(
  new URL("./support/opcua-bench-child.ts", import.meta.url),
  [String(port), String(devices), String(variables)],
  { execArgv: options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`] },
);
await once(server, "message");

const { client, session } = await connectBenchClient(port);

const readsPerS = await measureReads(session);
let received = 0;
const watched = Math.min(devices, Math.ceil(itemsWanted / variables));
const subscription = await watch(watched);
const latencies = await watchOne();
await sleep(2_000);

const idle = await run({ valuesPerS: 0, devices: 0, variables });
received = 0;
const started = performance.now();
const busy = await run({ valuesPerS: notificationsPerS, devices: watched, variables });
const delivered = (received / (performance.now() - started)) * 1000;
const loop = await run({ valuesPerS: fullFleetValuesPerS, devices, variables });
await subscription.terminate();
await session.close();
await client.disconnect();
server.kill("SIGINT");
await once(server, "exit");

const limitCpuUsPerValue = await bareSetValueUs();

report("notify", {
  devices,
  items: watched * variables,
  notificationsPerS: Math.round(delivered),
  cpuPercent: busy.cpuPercent,
  cpuUsPerNotification: (busy.cpuPercent * 10_000) / delivered,
  limitCpuUsPerValue,
  idleItems: watched * variables,
  idleCpuPercent: idle.cpuPercent,
  loopP999Ms: loop.loopP999Ms,
  readsPerS: Math.round(readsPerS),
  latencyPublishingMs: 100,
  latencyP50Ms: percentile(latencies, 0.5),
  latencyP95Ms: percentile(latencies, 0.95),
});
process.exit(0);

async function run(order: Order): Promise<Cost> {
  server.send({ order });
  await sleep(seconds * 1000);
  server.send({ ask: true });
  const [cost] = (await once(server, "message")) as [Cost];
  return cost;
}

function nodeIdOf(device: number, variable: number): string {
  const name = `CB-${String(device + 1).padStart(5, "0")}`;
  return `ns=1;s=${name}/Parameter${String(variable).padStart(2, "0")}`;
}

/** One subscription with every variable of the first devices, in calls of 5,000 items. */
async function watch(count: number): Promise<ClientSubscription> {
  const created = ClientSubscription.create(session, {
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 6_000,
    requestedMaxKeepAliveCount: 100,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  });
  const nodes = Array.from({ length: count * variables }, (_, i) => ({
    nodeId: nodeIdOf(Math.floor(i / variables), i % variables),
    attributeId: AttributeIds.Value,
  }));
  for (let start = 0; start < nodes.length; start += 5_000) {
    const group = await created.monitorItems(
      nodes.slice(start, start + 5_000),
      { samplingInterval: 100, queueSize: 1, discardOldest: true },
      TimestampsToReturn.Both,
    );
    group.on("changed", () => {
      received += 1;
    });
  }
  return created;
}

/** Times from the source timestamp of one variable to its arrival, on a subscription of its own. */
async function watchOne(): Promise<number[]> {
  const times: number[] = [];
  const own = ClientSubscription.create(session, {
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 6_000,
    requestedMaxKeepAliveCount: 100,
    publishingEnabled: true,
  });
  const item = await own.monitor(
    { nodeId: nodeIdOf(0, 0), attributeId: AttributeIds.Value },
    { samplingInterval: 0, queueSize: 10 },
    TimestampsToReturn.Both,
  );
  item.on("changed", (dataValue: DataValue) => times.push(Date.now() - (dataValue.sourceTimestamp?.getTime() ?? 0)));
  return times;
}

/** 100 Read requests of 1,000 nodes each. */
async function measureReads(on: ClientSession): Promise<number> {
  const count = Math.min(1_000, devices * variables);
  const nodes = Array.from({ length: count }, (_, i) => ({
    nodeId: nodeIdOf(Math.floor(i / variables), i % variables),
    attributeId: AttributeIds.Value,
  }));
  await on.read(nodes);
  const begin = performance.now();
  for (let i = 0; i < 100; i += 1) await on.read(nodes);
  return (100 * count * 1000) / (performance.now() - begin);
}

function percentile(list: readonly number[], share: number): number {
  const sorted = list.slice(1).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
