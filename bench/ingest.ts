import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Child } from "./ingest/child.ts";
import { freePort } from "./support/free-port.ts";
import { report } from "./support/report.ts";

/**
 * How fast messages become values: broker, fleet and host are processes of their own, only the host's CPU time counts
 * (that of all its threads, by the operating system's account).
 *
 * `hostCpuUsPerMessage`: a message (47 values of Sparkplug, 20 of JSON, all 42 of LwM2M) from the socket to the updated OPC UA nodes, without history.
 * `limitCpuUsPerMessage`: the same messages only received with mqtt.js and decoded.
 * The load: `messagesPerS` messages with `valuesPerMessage` values for `seconds` seconds with history, all processes on the
 * same cores; every message carries a number, and `lost` are the numbers that are not in the store afterwards.
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    protocol: { type: "string", default: "sparkplug" },
    devices: { type: "string" },
    seconds: { type: "string", default: "15" },
    rate: { type: "string" },
    values: { type: "string" },
    "update-values": { type: "string" },
    "update-rate": { type: "string", default: "3000" },
    "update-seconds": { type: "string", default: "3" },
    "no-update": { type: "boolean", default: false },
    "no-limit": { type: "boolean", default: false },
    "no-load": { type: "boolean", default: false },
  },
});
/** The fleet of a protocol when nothing else is asked for: devices, messages per second and values of the load, values of an update. */
const usual: Readonly<Record<string, readonly [devices: number, rate: number, values: number, updateValues: number]>> =
  {
    sparkplug: [200, 10_000, 15, 47],
    json: [1_000, 1_000, 20, 20],
    lwm2m: [5, 1_000, 42, 42],
  };
const [usualDevices, usualRate, usualValues, usualUpdateValues] = usual[options.protocol] ?? [200, 1_000, 15, 47];
const devices = Number(options.devices ?? usualDevices);
const update = {
  values: Number(options["update-values"] ?? usualUpdateValues),
  // Enough that what the host does by itself hardly counts.
  rate: Number(options["update-rate"]),
  seconds: Number(options["update-seconds"]),
};
const load = {
  values: Number(options.values ?? usualValues),
  rate: Number(options.rate ?? usualRate),
  seconds: Number(options.seconds),
};
const warmUpS = 6;
const port = await freePort();
let broker = await Child.start("broker-process.ts", [port]);

/** A broker that keeps nothing of what was published before. */
async function freshBroker(): Promise<void> {
  await broker.stop();
  broker = await Child.start("broker-process.ts", [port]);
}

async function startHost(history: "history" | "no-history"): Promise<Child> {
  return Child.start("host-process.ts", [port, history, devices, await freePort(), await freePort()]);
}

function startFeeder(): Promise<Child> {
  return Child.start("feeder-process.ts", [port, options.protocol, devices]);
}

/** Waits until `done` holds of what the child says; gives the last answer. */
async function settled(
  child: Child,
  order: object,
  done: (answer: Readonly<Record<string, number>>) => boolean,
): Promise<Readonly<Record<string, number>>> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await child.ask(order);
    if (done(answer) || performance.now() > end) return answer;
    await sleep(100);
  }
}

async function introduced(host: Child, feeder: Child): Promise<void> {
  await feeder.ask({ introduce: 1 });
  const { devices: known = 0 } = await settled(host, {}, (answer) => answer["devices"] === devices);
  if (known !== devices) throw new Error(`the host knows ${known} of ${devices} devices`);
}

/** Lets the feeder publish and waits until all of it has arrived; gives what the child says then. */
async function feed(
  child: Child,
  feeder: Child,
  order: object,
  count: string,
): Promise<Readonly<Record<string, number>>> {
  const before = await child.ask({});
  const { published = 0 } = await feeder.ask(order);
  const wanted = (before[count] ?? 0) + published;
  const after = await settled(child, {}, (answer) => (answer[count] ?? 0) >= wanted);
  if (after[count] !== wanted) throw new Error(`${after[count]} of ${wanted} messages arrived`);
  return after;
}

/** Waits until what was published before has arrived; gives the last answer. */
async function quiet(child: Child, count: string): Promise<Readonly<Record<string, number>>> {
  let before = await child.ask({});
  for (;;) {
    await sleep(300);
    const answer = await child.ask({});
    if (answer[count] === before[count]) return answer;
    before = answer;
  }
}

/** CPU time of a child per message once it is warm: the median of three runs. */
async function cpuPerMessage(child: Child, feeder: Child, count: string): Promise<number> {
  let before = await feed(child, feeder, { ...update, seconds: warmUpS }, count);
  const costs: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const after = await feed(child, feeder, update, count);
    costs.push(((after["cpuUs"] ?? 0) - (before["cpuUs"] ?? 0)) / ((after[count] ?? 0) - (before[count] ?? 0)));
    before = after;
  }
  return costs.toSorted((a, b) => a - b)[1] ?? Number.NaN;
}

async function measureUpdate(): Promise<number> {
  const host = await startHost("no-history");
  const feeder = await startFeeder();
  await introduced(host, feeder);
  const cpuUs = await cpuPerMessage(host, feeder, "accepted");
  await feeder.stop();
  await host.stop();
  return cpuUs;
}

async function measureLimit(): Promise<number> {
  const limit = await Child.start("limit-process.ts", [port, options.protocol, devices]);
  const feeder = await startFeeder();
  const cpuUs = await cpuPerMessage(limit, feeder, "messages");
  await feeder.stop();
  await limit.stop();
  return cpuUs;
}

async function measureLoad(): Promise<Readonly<Record<string, number>>> {
  const host = await startHost("history");
  const feeder = await startFeeder();
  await introduced(host, feeder);
  const before = await quiet(host, "accepted");
  const brokerBefore = await broker.ask({});
  const feederBefore = await feeder.ask({});
  const begin = performance.now();
  const feederAfter = await feeder.ask(load);
  const publishingS = (performance.now() - begin) / 1000;
  const { published = 0 } = feederAfter;
  const isThere = (answer: Readonly<Record<string, number>>): boolean =>
    (answer["accepted"] ?? 0) - (before["accepted"] ?? 0) >= published;
  const after = await settled(host, { reached: Math.floor(published / devices) - 1 }, isThere);
  const brokerAfter = await broker.ask({});
  const { stored = 0, drainS = 0, merged = 0, dropped = 0 } = await host.ask({ verify: 1 });
  const drained = await host.ask({});
  await feeder.stop();
  await host.stop();
  const used = (from: Readonly<Record<string, number>>, to: Readonly<Record<string, number>>): number =>
    ((to["cpuUs"] ?? 0) - (from["cpuUs"] ?? 0)) / published;
  return {
    messagesPerS: published / publishingS,
    valuesPerMessage: load.values,
    seconds: publishingS,
    published,
    stored,
    delivered: (after["accepted"] ?? 0) - (before["accepted"] ?? 0),
    lost: published - stored,
    rejected: after["rejected"] ?? 0,
    devicesUpToDate: after["reached"] ?? 0,
    lagP95Ms: after["lagP95Ms"] ?? 0,
    loadCpuUsPerMessage: used(before, after),
    loadCpuUsPerMessageDrained: used(before, drained),
    brokerCpuUsPerMessage: used(brokerBefore, brokerAfter),
    feederCpuUsPerMessage: used(feederBefore, feederAfter),
    drainS,
    historyMerged: merged,
    historyDropped: dropped,
    hostRssMiB: after["rssMiB"] ?? 0,
  };
}

const hostCpuUsPerMessage = options["no-update"] ? null : await measureUpdate();
await freshBroker();
const limitCpuUsPerMessage = options["no-update"] || options["no-limit"] ? null : await measureLimit();
await freshBroker();
const loaded = options["no-load"] ? {} : await measureLoad();
await broker.stop();
report(
  "ingest",
  {
    protocol: options.protocol,
    store: "pglite",
    devices,
    updateValues: update.values,
    hostCpuUsPerMessage,
    limitCpuUsPerMessage,
    ...loaded,
  },
  `ingest-${options.protocol}`,
);
process.exit(0);
