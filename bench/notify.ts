import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  type DataValue,
  TimestampsToReturn,
} from "node-opcua-client";
import { BareServer } from "./support/bare-server.ts";
import { connectBenchClient } from "./support/bench-client.ts";
import { MeasuredServer } from "./support/measured-server.ts";
import { median, percentile } from "./support/percentile.ts";
import { report } from "./support/report.ts";
import { parameterNodeId, watchParameters } from "./support/watch-parameters.ts";

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

const server = await MeasuredServer.start(devices, variables, options.profile);
const { client, session } = await connectBenchClient(server.port);

const readsPerS = await measureReads(session);
let received = 0;
const watched = Math.min(devices, Math.ceil(itemsWanted / variables));
const subscription = await watchParameters(session, { devices: watched, variables }, () => (received += 1));
const latencies = await watchOne();
await sleep(2_000);

const idle = await server.run({ valuesPerS: 0, devices: 0, variables }, seconds);
received = 0;
const started = performance.now();
const busy = await server.run({ valuesPerS: notificationsPerS, devices: watched, variables }, seconds);
const delivered = (received / (performance.now() - started)) * 1000;
const loop = await server.run({ valuesPerS: fullFleetValuesPerS, devices, variables }, seconds);
await subscription.terminate();
await session.close();
await client.disconnect();
await server[Symbol.asyncDispose]();

const limitCpuUsPerValue = await measureLimit();

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
  latencyP50Ms: percentile(latencies.slice(1), 0.5),
  latencyP95Ms: percentile(latencies.slice(1), 0.95),
});
process.exit(0);

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
    { nodeId: parameterNodeId(0, 0), attributeId: AttributeIds.Value },
    { samplingInterval: 0, queueSize: 10 },
    TimestampsToReturn.Both,
  );
  item.on("changed", (dataValue: DataValue) => times.push(Date.now() - (dataValue.sourceTimestamp?.getTime() ?? 0)));
  return times;
}

async function measureLimit(): Promise<number> {
  await using bare = await BareServer.start();
  return median(Array.from({ length: 15 }, () => bare.setValuesUs()));
}

/** 100 Read requests of 1,000 nodes each. */
async function measureReads(on: ClientSession): Promise<number> {
  const count = Math.min(1_000, devices * variables);
  const nodes = Array.from({ length: count }, (_, i) => ({
    nodeId: parameterNodeId(Math.floor(i / variables), i % variables),
    attributeId: AttributeIds.Value,
  }));
  await on.read(nodes);
  const begin = performance.now();
  for (let i = 0; i < 100; i += 1) await on.read(nodes);
  return (100 * count * 1000) / (performance.now() - begin);
}
