import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Writable } from "node:stream";
import { AuditFile } from "#app/audit/audit-file.ts";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import { Alarms } from "#fleet/alarms/alarms.ts";
import { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import { Ingest } from "#fleet/ingest.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { Onboarding } from "#fleet/onboarding/onboarding.ts";
import { PackageChanges } from "#fleet/package-changes.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import type { DeviceTransport, SampleSink } from "#fleet/ports.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { TagNameplates } from "#fleet/tag-nameplates.ts";
import { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { benchAccessWithOperator } from "./bench-access.ts";
import { startEmptyMethodServer } from "./empty-method-server.ts";

/**
 * The measured process of `commands`: the host's OPC UA server, command path and audit files over breakers that answer at
 * once. Arguments: port, number of breakers, and the port of the limit where that runs in the same process. Sends `ready`, and
 * its CPU time in milliseconds whenever it is asked, of the process or of this thread.
 */

const [port = "0", count = "0", limitPort] = process.argv.slice(2);
const packages = await loadPackageFolder(resolve(import.meta.dirname, "../../fdi-packages"));
const pkg = packages.find((loaded) => loaded.package.id === "fdi-host/lsig-mccb")?.package;
if (pkg === undefined) throw new Error("the package of the breaker is missing");

const log = createJsonLogger("warn", new Writable({ write: (_chunk, _encoding, done) => done() }));
const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-"));
const clock = systemClock;
const live = new LiveValues();
const presence = new PresenceBoard();
const registry = new DeviceRegistry(live);
const shelf = new PackageShelf();
shelf.put(pkg);
const auditLog = new AuditFile({ folder: join(folder, "audit"), clock });
await auditLog.start();

const positionIndex = pkg.parameterByName.get("Position")?.index ?? 0;
const batch = new SampleBatch(64);

/** A device reports its position. */
function report(device: Device, position: number): void {
  const now = Date.now();
  batch.reset(now);
  batch.add(positionIndex, position, now, Quality.good);
  ingest.samples(device, batch);
}

const transport: DeviceTransport = {
  protocol: "sparkplug",
  start: () => Promise.resolve(),
  send: (device, { spec }) => {
    report(device, spec.effect === "trip" ? 1 : 2);
    return Promise.resolve();
  },
  health: () => ({ connected: true, detail: "loopback" }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const control = new Control({
  live,
  presence,
  auditLog,
  clock,
  log,
  transportOf: () => transport,
  elapsed: () => performance.now(),
  newId: randomUUID,
  digest: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
});
const transportOf = (): DeviceTransport => transport;
const packageChanges = new PackageChanges({ registry, shelf, live, presence, control, transportOf, clock });
const alarms = new Alarms({
  registry,
  live,
  presence,
  warnings: control.warnings,
  isReachable: () => true,
  startedAt: clock.now(),
  audit: control.audit,
  clock,
  elapsed: () => performance.now(),
  newEventId: () => randomUUID().replaceAll("-", ""),
});
const sinks: SampleSink[] = [alarms.sink];
const traffic = new Traffic();
const onboarding = new Onboarding({
  registry,
  shelf,
  transportFor: () => transport,
  changePackage: (device, next) => packageChanges.follow(device, next),
  audit: control.audit,
  clock,
  log,
});
const ingest = new Ingest({ registry, onboarding, live, presence, control, traffic, sinks, clock, log });
const server = new OpcUaServer(
  {
    port: Number(port),
    host: "127.0.0.1",
    applicationUri: "urn:bench:fdi-host",
    version: "0",
    pkiFolder: join(folder, "pki"),
    nodesetFolder: join(folder, "nodesets"),
    // Accepts the certificate of the client, which was made a moment ago; it signs and encrypts all the same.
    allowInsecure: true,
  },
  {
    registry,
    live,
    presence,
    traffic,
    control,
    packageChanges,
    tags: new TagNameplates(registry, control.audit, clock),
    alarms,
    shelf,
    access: await benchAccessWithOperator(control.audit),
    isOnline: () => true,
    log,
  },
);
sinks.push(server.sink);
for (let i = 1; i <= Number(count); i += 1) {
  const name = `CB-${String(i).padStart(4, "0")}`;
  const device = registry.add(name, pkg, "sparkplug", `Bench/node-${i % 20}/${name}`);
  ingest.presence(device, "online", clock.now(), "bench");
  for (const spec of pkg.parameters) feed(device, spec.index);
  report(device, 2);
}
await server.start();
if (limitPort !== undefined) await startEmptyMethodServer(Number(limitPort));

/** A value for everything that interlocks ask for. */
function feed(device: Device, index: number): void {
  const spec = pkg?.parameters[index];
  const known: Readonly<Record<string, number>> = { Cradle: 1, RemoteControlEnabled: 1, TripState: 0, LocalControl: 0 };
  const value = known[spec?.name ?? ""];
  if (value === undefined) return;
  const now = Date.now();
  batch.reset(now);
  batch.add(index, value, now, Quality.good);
  if (spec !== undefined) ingest.samples(device, batch);
}

process.on("message", (whose: "process" | "thread") => {
  const { user, system } = whose === "thread" ? process.threadCpuUsage() : process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit(0));
// Not left behind when the benchmark fails.
process.once("disconnect", () => process.exit(1));
process.send?.("ready");
