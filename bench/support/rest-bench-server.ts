import { Writable } from "node:stream";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { fixedUserOf } from "#app/access/fixed-user.ts";
import { randomTokens } from "#app/access/random-tokens.ts";
import { FleetCore } from "#app/fleet-core.ts";
import type { Device } from "#fleet/device.ts";
import type { PackageLibrary } from "#fleet/packages/package-library.ts";
import type { Uplink } from "#fleet/ports.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { HttpServer } from "#rest/http-server.ts";
import { LiveHub } from "#rest/live/live-hub.ts";
import { syntheticPackage } from "./synthetic-package.ts";

/**
 * The measured process of `rest`: the facade over a fleet in memory. Arguments: port, devices, variables. Messages from
 * the parent: `{feed: {devices, values, hertz}}` writes so many values of so many devices, `"cpu"` answers the CPU time so
 * far in milliseconds.
 */

interface Feed {
  readonly devices: number;
  readonly values: number;
  readonly hertz: number;
}

const [port = "0", count = "0", variables = "45"] = process.argv.slice(2);
const log = createJsonLogger("silent", new Writable({ write: (_chunk, _encoding, done) => done() }));
const nowhere = () => Promise.reject(new HostError("history-unavailable", "a benchmark keeps no history"));
const noPackages = () => Promise.reject(new HostError("package-invalid", "a benchmark has no catalogue"));
const packages: PackageLibrary = {
  list: () => [],
  preview: noPackages,
  install: noPackages,
  activate: noPackages,
  retire: noPackages,
  remove: noPackages,
  diff: () => [],
  schemaOf: () => ({}),
  violations: () => [],
};

const fleet = new FleetCore(log, {
  auditLog: { record: () => Promise.resolve() },
  reports: { keep: () => {}, find: () => Promise.resolve(undefined) },
  users: { load: () => Promise.resolve([]), update: (change) => Promise.resolve(change([])) },
  certificates: {
    list: () => Promise.resolve([]),
    move: () => Promise.resolve(false),
    remove: () => Promise.resolve(false),
    add: () => Promise.reject(new Error("none here")),
  },
  hasher: argon2Hasher,
  minPasswordLength: 10,
  sessionIdleMs: 3_600_000,
  tokens: randomTokens,
});
const pkg = syntheticPackage({ variables: Number(variables), methods: 5, groups: 6 });
fleet.shelf.put(pkg);
await fleet.access.users.load([await fixedUserOf({ name: "bench", role: "operator", password: "bench" })]);
const hub = new LiveHub(fleet);
const uplink: Uplink = fleet.ingest("sparkplug", { sinks: [hub, fleet.lag] });
const devices: Device[] = [];
for (let i = 1; i <= Number(count); i += 1) {
  const name = `CB-${String(i).padStart(5, "0")}`;
  const at = Date.now();
  const device = uplink.announced({
    protocol: "sparkplug",
    name,
    address: `Bench/node-${i % 100}/${name}`,
    declaredType: "bench/breaker",
    points: [],
    at,
  });
  if (device === undefined) throw new Error(`${name} was not admitted`);
  uplink.presence(device, i % 7 === 0 ? "stale" : "online", at, "bench");
  devices.push(device);
}

const batch = new SampleBatch(64);
function write(device: Device, values: number): void {
  const now = Date.now();
  batch.reset(now);
  for (let i = 0; i < values; i += 1) batch.add(i, Math.round(Math.random() * 10_000) / 10, now, Quality.good);
  uplink.samples(device, batch);
}
for (const device of devices) write(device, Number(variables));

const http = new HttpServer({
  port: Number(port),
  host: "127.0.0.1",
  version: "bench",
  health: () => [],
  corsOrigins: [],
  trustProxy: false,
  requestsPerMinute: 1_000_000,
});
await http.start();
await http.serve({
  version: "bench",
  startedAt: systemClock.now(),
  fleet,
  access: fleet.access,
  history: { raw: nowhere, processed: nowhere },
  exporter: { export: () => ({ [Symbol.asyncIterator]: () => ({ next: nowhere }) }) },
  events: fleet.events,
  audit: { query: nowhere, verify: nowhere },
  packages,
  hub,
  storeCounters: () => ({ accepted: 0, recovered: 0, stored: 0, merged: 0, queued: 0, unchanged: 0, dropped: {} }),
  waiting: () => ({
    journal: { bytes: 0, maxBytes: 1 },
    events: { appended: 0, recovered: 0, stored: 0, queued: 0, dropped: 0 },
    notifications: 0,
  }),
  health: () => [],
  log,
});

let feeding: NodeJS.Timeout | undefined;
process.on("message", (message: "cpu" | { readonly feed: Feed }) => {
  if (message === "cpu") {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1000, counts: hub.counts() });
    return;
  }
  clearInterval(feeding);
  const { feed } = message;
  if (feed.hertz === 0) return;
  const fed = devices.slice(0, feed.devices);
  feeding = setInterval(() => {
    for (const device of fed) write(device, feed.values);
  }, 1000 / feed.hertz);
});
process.send?.("ready");
