import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Child } from "./ingest/child.ts";
import { OpcUaWatcher } from "./ingest/opcua-watcher.ts";
import { freePort } from "./support/free-port.ts";
import { report } from "./support/report.ts";

/**
 * How long a value is under way: from the time in the MQTT message to the callback of an OPC UA subscriber. Broker, fleet,
 * host and subscriber share the machine; every process but this one is a process of its own.
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

const [brokerPort, opcuaPort, httpPort] = [await freePort(), await freePort(), await freePort()];
const broker = await Child.start("broker-process.ts", [brokerPort]);
const host = await Child.start("host-process.ts", [brokerPort, "history", devices, opcuaPort, httpPort]);
const feeder = await Child.start("feeder-process.ts", [brokerPort, "sparkplug", devices]);
await feeder.ask({ introduce: 1 });
while ((await host.ask({}))["devices"] !== devices) await sleep(100);

const load = { rate: Number(options.rate), values: Number(options.values) };
await using watcher = await OpcUaWatcher.connect(opcuaPort, publishingMs);
await watcher.watch(devices);
await feeder.ask({ ...load, seconds: 3 });
watcher.reset();
const { published = 0 } = await feeder.ask({ ...load, seconds: Number(options.seconds) });
await sleep(500);

const lags = watcher.lags();
await feeder.stop();
await host.stop();
await broker.stop();
report("latency", {
  messagesPerS: load.rate,
  valuesPerMessage: load.values,
  publishingMs,
  published,
  delivered: lags.length,
  opcuaP50Ms: percentile(lags, 0.5),
  opcuaP95Ms: percentile(lags, 0.95),
  opcuaP99Ms: percentile(lags, 0.99),
});
process.exit(0);

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
