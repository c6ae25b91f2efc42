import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CertificateFolder } from "#app/access/certificate-folder.ts";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import type { Access } from "#fleet/access/access.ts";
import type { Device } from "#fleet/device.ts";
import { HistoryEdits } from "#fleet/history/history-edits.ts";
import type { SampleSink } from "#fleet/ports.ts";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { type Clock, systemClock } from "#lib/clock.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import type { HistoryBacking } from "#opcua/history/serve-history.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { freePort } from "./free-port.ts";
import { accessFor } from "./memory-access.ts";
import { ScadaClient } from "./opcua-client.ts";
import { silentLogger } from "./silent-logger.ts";
import { TestFleet } from "./test-fleet.ts";
import { until } from "./until.ts";

/** The package of the devices CB-0001, CB-0002, ... */
const mainPackage = "fdi-host/lsig-mccb";
const shippedPackages = resolve(import.meta.dirname, "../../fdi-packages");

/** Who may log in at a fixture's server. */
export const fixtureUsers = [
  { name: "admin", password: "secret", role: "administrator" },
  { name: "viewer", password: "look", role: "viewer" },
] as const;

interface FixtureParts {
  readonly port: number;
  readonly folder: string;
  readonly allowInsecure: boolean;
  readonly access: Access;
  readonly clock: HastyClock;
}

/** The system's clock, ahead by as much as a test wants. */
class HastyClock implements Clock {
  aheadMs = 0;
  readonly after = systemClock.after;

  now(): number {
    return systemClock.now() + this.aheadMs;
  }
}

export interface FixtureOptions {
  readonly allowInsecure?: boolean;
  /** Number of devices CB-0001, CB-0002, ... */
  readonly devices?: number;
  /** Default: `fixtureUsers`. */
  readonly users?: Parameters<typeof accessFor>[0];
}

/**
 * An OPC UA server of the host over a fleet in memory: breakers CB-0001, ... and one device of every other shipped
 * package, named after it; all are online and have a value for everything.
 */
export class OpcUaFixture implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly fleet: TestFleet;
  readonly server: OpcUaServer;
  readonly access: Access;
  readonly #backing = Promise.withResolvers<HistoryBacking>();
  #historian: Promise<Historian> | undefined;
  readonly #sinks: SampleSink[] = [];
  readonly #batch = new SampleBatch();
  readonly #accessClock: HastyClock;

  private constructor({ port, folder, allowInsecure, access, clock }: FixtureParts) {
    this.#accessClock = clock;
    this.port = port;
    this.folder = folder;
    this.access = access;
    this.fleet = new TestFleet(this.#sinks);
    this.server = new OpcUaServer(
      {
        port,
        host: "127.0.0.1",
        applicationUri: "urn:test:fdi-host",
        version: "0.0.0",
        pkiFolder: join(folder, "pki"),
        nodesetFolder: join(folder, "nodesets"),
        allowInsecure,
      },
      {
        registry: this.fleet.registry,
        live: this.fleet.live,
        presence: this.fleet.presence,
        traffic: this.fleet.traffic,
        control: this.fleet.control,
        packageChanges: this.fleet.packageChanges,
        onboarding: this.fleet.onboarding,
        tags: this.fleet.tags,
        alarms: this.fleet.alarms,
        shelf: this.fleet.shelf,
        isOnline: () => true,
        history: this.#backing.promise,
        access,
        log: silentLogger(),
      },
    );
  }

  static async start({
    allowInsecure = true,
    devices = 12,
    users: accounts = fixtureUsers,
  }: FixtureOptions = {}): Promise<OpcUaFixture> {
    const folder = await mkdtemp(join(tmpdir(), "fdi-host-opcua-"));
    const clock = new HastyClock();
    const access = await accessFor(accounts, new CertificateFolder(join(folder, "pki", "server")), clock);
    const fixture = new OpcUaFixture({ port: await freePort(), folder, allowInsecure, access, clock });
    for (const pkg of await shipped()) {
      fixture.fleet.shelf.put(pkg);
      const isMain = pkg.id === mainPackage;
      for (let i = 1; i <= (isMain ? devices : 1); i += 1) {
        fixture.addDevice(isMain ? `CB-${String(i).padStart(4, "0")}` : pkg.id.replaceAll("/", "-"), pkg);
      }
    }
    await fixture.server.start();
    fixture.#sinks.push(fixture.server.sink);
    for (const device of fixture.fleet.registry.all()) fixture.#feedDefaults(device);
    return fixture;
  }

  /** The historian behind the server, over an embedded store; opened when it is first asked for, because that takes seconds. */
  historian(): Promise<Historian> {
    this.#historian ??= this.#openHistorian();
    return this.#historian;
  }

  async #openHistorian(): Promise<Historian> {
    const { clock, control } = this.fleet;
    const historian = await openHistorian({
      folder: join(this.folder, "history"),
      databaseUrl: undefined,
      clock: systemClock,
      logger: silentLogger(),
      random: Math.random,
    });
    this.#sinks.push(historian.writer);
    const { editor } = historian;
    const edits = new HistoryEdits({ editor, audit: control.audit, clock, newId: randomUUID });
    this.fleet.alarms.onEvent((event) => historian.events.append(event));
    this.#backing.resolve({ access: historian, edits, events: historian.events });
    return historian;
  }

  get endpointUrl(): string {
    return `opc.tcp://127.0.0.1:${this.port}`;
  }

  addDevice(name: string, pkg: DevicePackage): Device {
    const { fleet } = this;
    const device = fleet.announce(name, `Demo/panel-1/${name}`, pkg.detection.declaredTypes[0]);
    if (device === undefined) throw new Error(`${name} was not admitted`);
    fleet.ingest.presence(device, "online", fleet.clock.now(), "birth");
    return device;
  }

  device(name: string): Device {
    return this.fleet.registry.get(name);
  }

  /** Samples of a device arrive, stamped with the fleet's time. */
  feed(name: string, values: Readonly<Record<string, number | string>>): void {
    const device = this.device(name);
    const now = this.fleet.clock.now();
    this.#batch.reset(now);
    for (const [parameter, value] of Object.entries(values)) {
      const index = device.package.parameterByName.get(parameter)?.index;
      if (index === undefined) throw new Error(`${name} has no ${parameter}`);
      if (typeof value === "string") this.#batch.addText(index, value, now, Quality.good);
      else this.#batch.add(index, value, now, Quality.good);
    }
    this.fleet.ingest.samples(device, this.#batch);
  }

  /** Lets devices do what they are told: a command is confirmed by the state or the answer that its package asks for. */
  obeyCommands(): void {
    this.fleet.transport.onSend = (device, { correlationId, spec }) => {
      const { confirm } = spec;
      if (confirm.by === "state") this.feed(device.id, { [confirm.parameter]: Number(confirm.equals) });
      else this.fleet.ingest.acknowledged(device, { correlationId, accepted: true, reason: undefined, at: 0 });
    };
  }

  /** Lets devices report each setting that they are given. */
  obeyWrites(): void {
    this.fleet.transport.onWrite = (device, { parameter, value }) =>
      this.feed(device.id, { [parameter.name]: Number(value) });
  }

  /** Wrong logins up to now no longer count. */
  forgiveLogins(): void {
    this.#accessClock.aheadMs += 3_600_000;
  }

  /** A signed and encrypted session as administrator. */
  admin(): Promise<ScadaClient> {
    return this.as("admin", "secret");
  }

  /** A signed and encrypted session of a user. */
  as(userName: string, password: string): Promise<ScadaClient> {
    return ScadaClient.connect(this.port, this.folder, { userName, password });
  }

  /** An anonymous session without security. */
  visitor(): Promise<ScadaClient> {
    return ScadaClient.connect(this.port, this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await (await this.#historian)?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A plausible value for every parameter. */
  #feedDefaults(device: Device): void {
    const values: Record<string, number | string> = {};
    for (const { name, dataType, range, enumeration, defaultValue } of device.package.parameters) {
      if (dataType === "string") values[name] = `${name} of ${device.id}`;
      else if (dataType === "date-time") values[name] = this.fleet.clock.now();
      else values[name] = Number(defaultValue ?? enumeration[0]?.value ?? range?.low ?? 0);
    }
    this.feed(device.id, values);
  }
}

let loading: Promise<DevicePackage[]> | undefined;

function shipped(): Promise<DevicePackage[]> {
  loading ??= loadPackageFolder(shippedPackages).then((all) => all.map((loaded) => loaded.package));
  return loading;
}

let shared: Promise<OpcUaFixture> | undefined;
let users = 0;

/**
 * A fixture that test files which run one after the other in one worker use together; give it back with
 * `releaseSharedFixture`. It lives on for a moment, because the next file will ask for it.
 */
export function shareFixture(): Promise<OpcUaFixture> {
  users += 1;
  shared ??= OpcUaFixture.start();
  return shared;
}

const lingerMs = 300;

export function releaseSharedFixture(): void {
  users -= 1;
  setTimeout(() => void closeUnused().catch(() => {}), lingerMs).unref();
}

async function closeUnused(): Promise<void> {
  const unused = users === 0 ? shared : undefined;
  if (unused === undefined) return;
  shared = undefined;
  await (await unused)[Symbol.asyncDispose]();
}

/** Waits until a node shows a value. */
export function showsValue(client: ScadaClient, nodeId: string, value: unknown): Promise<true> {
  return until(`${nodeId} = ${String(value)}`, 5_000, async () =>
    (await client.read(nodeId)).value.value === value ? true : undefined,
  );
}
