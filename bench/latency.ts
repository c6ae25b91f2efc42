import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { benchUser, sequenceParameter } from "./ingest/feed.ts";
import { HostUnderLoad } from "./ingest/host-under-load.ts";
import { OpcUaWatcher } from "./ingest/opcua-watcher.ts";
import { answerOf, login, startClients, type Tally } from "./support/live-clients.ts";
import { percentile } from "./support/percentile.ts";
import { report } from "./support/report.ts";

/**
 * How long a value is under way: from the time in the MQTT message to the callback of an OPC UA subscriber, and then to a live
 * socket. Broker, fleet, host and subscribers share the machine; every process but this one is a process of its own.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "200" },
    rate: { type: "string", default: "1000" },
    values: { type: "string", default: "15" },
    publishing: { type: "string", default: "20" },
    seconds: { type: "string", default: "15" },
  },
});
const devices = Number(options.devices);
const publishingMs = Number(options.publishing);

const fleet = await HostUnderLoad.start({ devices, protocol: "sparkplug", history: "history" });
const { feeder } = fleet;

const load = { rate: Number(options.rate), values: Number(options.values), tickMs: 1 };
const { lags, published } = await overOpcUa();
const live = await overLiveSocket();
await fleet[Symbol.asyncDispose]();
report("latency", {
  messagesPerS: load.rate,
  valuesPerMessage: load.values,
  publishingMs,
  published,
  delivered: lags.length,
  opcuaP50Ms: percentile(lags, 0.5),
  opcuaP95Ms: percentile(lags, 0.95),
  opcuaP99Ms: percentile(lags, 0.99),
  liveP50Ms: percentile(live, 0.5),
  liveP95Ms: percentile(live, 0.95),
  liveP99Ms: percentile(live, 0.99),
  liveDelivered: live.length,
});
process.exit(0);

async function overOpcUa(): Promise<{ readonly lags: readonly number[]; readonly published: number }> {
  await using watcher = await OpcUaWatcher.connect(fleet.opcuaPort, publishingMs);
  await watcher.watch(devices);
  await feeder.ask({ ...load, seconds: 3 });
  watcher.reset();
  const { published: count = 0 } = await feeder.ask({ ...load, seconds: Number(options.seconds) });
  await sleep(500);
  return { lags: watcher.lags(), published: count };
}

/** The same value of every device, each change in a frame of its own. */
async function overLiveSocket(): Promise<readonly number[]> {
  const base = `http://127.0.0.1:${fleet.httpPort}`;
  const token = await login(base, benchUser.name, benchUser.password);
  const values = { parameters: [sequenceParameter], intervalMs: 0, form: "device", snapshot: false };
  const socket = await startClients({ base, token, clients: 1, wish: { values } });
  await feeder.ask({ ...load, seconds: 3 });
  await answerOf<Tally>(socket, "tally");
  await feeder.ask({ ...load, seconds: Number(options.seconds) });
  await sleep(500);
  const { latencies } = await answerOf<Tally>(socket, "tally");
  socket.kill();
  return latencies;
}
