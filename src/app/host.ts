import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { HostConfig } from "#config/host-config.ts";
import { HistoryEdits } from "#fleet/history/history-edits.ts";
import { PresenceKeeper } from "#fleet/presence-keeper.ts";
import { type Historian, openHistorian } from "#historian/historian.ts";
import { both } from "#lib/both.ts";
import { systemClock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { HistoryBacking } from "#opcua/history/serve-history.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { HttpServer } from "#rest/http-server.ts";
import { LiveHub } from "#rest/live/live-hub.ts";
import type { PartHealth } from "#rest/parts.ts";
import type { DetectionRule } from "#transport/mqtt-json/detect-type.ts";
import { argon2Hasher } from "./access/argon2-hasher.ts";
import { CertificateFolder } from "./access/certificate-folder.ts";
import { type OpenedAccess, openAccess } from "./access/open-access.ts";
import { randomTokens } from "./access/random-tokens.ts";
import { UserFile } from "./access/user-file.ts";
import { AuditFile } from "./audit/audit-file.ts";
import { AuditFolderReader } from "./audit/audit-folder-reader.ts";
import { demandIntactAudit, openAudit } from "./audit/open-audit.ts";
import { type OwnBroker, startOwnBroker } from "./broker/start-broker.ts";
import { ConfigurationFile } from "./configuration-file.ts";
import { takeDataFolder } from "./data-folder.ts";
import { databaseUrlOf } from "./database-url.ts";
import { DemoFleet } from "./demo-fleet.ts";
import { DeviceFile } from "./device-file.ts";
import { fillShelf } from "./fill-shelf.ts";
import { firstConnections } from "./first-connections.ts";
import { FleetCore } from "./fleet-core.ts";
import { HistorySocket } from "./history/history-socket.ts";
import { HostWatch } from "./host-watch.ts";
import { loadDeviceTypes } from "./load-device-types.ts";
import { openAlarms } from "./open-alarms.ts";
import { openNotifier } from "./open-notifier.ts";
import { PackageCatalogue } from "./package-catalogue.ts";
import { PendingFile } from "./pending-file.ts";
import { PresenceFile } from "./presence-file.ts";
import { Readiness } from "./readiness.ts";
import { ReportFolder } from "./report-folder.ts";
import { tlsFilesOf } from "./tls-files.ts";
import { startTransports } from "./transports.ts";

export interface HostEnvironment {
  readonly log: Logger;
  readonly version: string;
}

/** A running host, for whoever shows how it is doing. */
export interface Host extends AsyncDisposable {
  readonly config: HostConfig;
  readonly fleet: FleetCore;
  readonly historian: Historian;
  readonly opcua: OpcUaServer;
  readonly http: HttpServer;
  readonly brokerUrl: string;
  readonly logins: Pick<OpenedAccess, "demoUser" | "firstAdministrator">;
  health(): readonly PartHealth[];
}

/**
 * Builds the host from its configuration and starts every part; the only place that constructs adapters. When a part
 * fails, those already started are stopped again before the error is thrown.
 */
export async function startHost(config: HostConfig, environment: HostEnvironment): Promise<Host> {
  await using parts = new AsyncDisposableStack();
  const host = await new HostBuilder(config, environment, parts).build();
  const running = parts.move();
  return { ...host, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

interface LoadedDevices {
  readonly detectionRules: readonly DetectionRule[] | undefined;
  /** The packages that people brought in. */
  readonly packages: PackageCatalogue;
}

interface BrokerAccess {
  readonly brokerUrl: string;
  readonly mqtt: HostConfig["mqtt"];
  /** Login of the demo's simulator, where the broker is ours. */
  readonly simulator: OwnBroker["simulator"] | undefined;
}

class HostBuilder {
  readonly #config: HostConfig;
  readonly #version: string;
  readonly #log: Logger;
  readonly #parts: AsyncDisposableStack;
  readonly #audit: AuditFile;
  readonly #users: UserFile;
  readonly #certificates: CertificateFolder;
  readonly #fleet: FleetCore;
  readonly #readiness = new Readiness();
  readonly #startedAt = systemClock.now();

  constructor(config: HostConfig, { log, version }: HostEnvironment, parts: AsyncDisposableStack) {
    this.#config = config;
    this.#version = version;
    this.#log = log;
    this.#parts = parts;
    this.#users = new UserFile(config.dataFolder);
    this.#certificates = new CertificateFolder(join(config.dataFolder, "pki", "server"));
    this.#audit = new AuditFile({ folder: join(config.dataFolder, "audit"), clock: systemClock });
    const reports = new ReportFolder(join(config.dataFolder, "reports"), this.#moduleLog("tests"));
    const { minPasswordLength, sessionIdleMs } = config.security;
    const stores = {
      auditLog: this.#audit,
      reports,
      users: this.#users,
      certificates: this.#certificates,
      hasher: argon2Hasher,
      tokens: randomTokens,
      minPasswordLength,
      sessionIdleMs,
    };
    this.#fleet = new FleetCore(log, stores, config.onboarding);
  }

  async build(): Promise<Omit<Host, typeof Symbol.asyncDispose>> {
    const config = this.#config;
    this.#parts.use(await takeDataFolder(config.dataFolder));
    // Before all that records in it, so that it is closed after them.
    this.#parts.use(this.#audit);
    if (config.security.refusesTamperedAudit) await demandIntactAudit(join(config.dataFolder, "audit"));
    await openAudit(this.#audit, this.#moduleLog("audit"));
    // First, so that whoever supervises the host can watch it start.
    const http = await this.#startHttp();
    const { detectionRules, packages } = await this.#loadDevices();
    const { brokerUrl, mqtt, simulator } = await this.#broker();
    const reached = { ...config, mqtt };
    const notifierLog = this.#moduleLog("notify");
    const notifying = { config: reached, fleet: this.#fleet, brokerUrl, log: notifierLog };
    const notifier = this.#parts.use(await openNotifier(notifying));
    const access = await this.#openAccess();
    const opening = this.#openHistorian();
    const opcua = this.#parts.use(
      new OpcUaServer(
        {
          ...config.opcua,
          offersBasic256Sha256: config.security.offersBasic256Sha256,
          version: this.#version,
          pkiFolder: join(config.dataFolder, "pki"),
          nodesetFolder: join(config.dataFolder, "nodesets"),
        },
        {
          registry: this.#fleet.registry,
          live: this.#fleet.live,
          presence: this.#fleet.presence,
          traffic: this.#fleet.traffic,
          onboarding: this.#fleet.onboarding,
          control: this.#fleet.control,
          packageChanges: this.#fleet.packageChanges,
          tags: this.#fleet.tags,
          alarms: this.#fleet.alarms,
          access: this.#fleet.access,
          shelf: this.#fleet.shelf,
          isOnline: () => this.#fleet.transports.some((transport) => transport.health().connected),
          history: opening.then((historian) => this.#historyBacking(historian)),
          log: this.#moduleLog("opcua"),
        },
      ),
    );
    const [historian] = await both(opening, opcua.start());
    const hub = this.#parts.use(new LiveHub(this.#fleet));
    const started = await startTransports({
      config: reached,
      fleet: this.#fleet,
      brokerUrl,
      sinks: [opcua.sink, historian.writer, hub, this.#fleet.lag],
      durable: () => historian.writer.durable(),
      detectionRules,
      log: this.#log,
    });
    this.#parts.use(started);
    await firstConnections(this.#fleet.transports, this.#fleet.clock);
    this.#parts.use(this.#fleet.watchUnheard());
    const { alarms, transports, clock } = this.#fleet;
    this.#parts.use(new HostWatch({ alarms, transports, historian, clock }));
    this.#readiness.complete([
      () => ({ name: "opcua", ready: true, detail: opcua.endpointUrl }),
      ...this.#fleet.transports.map((transport) => () => {
        const { connected, detail } = transport.health();
        return { name: transport.protocol, ready: connected, detail };
      }),
      () => ({ name: "historian", ready: historian.health().available, detail: historian.health().detail }),
    ]);
    if (config.demo !== undefined) {
      this.#parts.use(
        new DemoFleet({ devices: config.demo.devices, brokerUrl, login: simulator, log: this.#moduleLog("demo") }),
      );
    }
    const health = () => this.#readiness.report();
    await http.serve({
      version: this.#version,
      startedAt: this.#startedAt,
      fleet: this.#fleet,
      access: this.#fleet.access,
      history: historian,
      exporter: historian,
      events: this.#fleet.events,
      packages,
      hub,
      audit: new AuditFolderReader(join(config.dataFolder, "audit")),
      storeCounters: () => historian.counters(),
      waiting: () => ({
        journal: historian.journalState(),
        events: historian.events.counters(),
        notifications: notifier.waiting,
      }),
      health,
      log: this.#moduleLog("rest"),
    });
    return { config, fleet: this.#fleet, historian, opcua, http, brokerUrl, logins: access, health };
  }

  #historyBacking(historian: Historian): HistoryBacking {
    const { control, clock } = this.#fleet;
    const edits = new HistoryEdits({ editor: historian.editor, audit: control.audit, clock, newId: randomUUID });
    return { access: historian, edits, events: historian.events };
  }

  async #openAccess(): Promise<OpenedAccess> {
    const { access, clock } = this.#fleet;
    const log = this.#moduleLog("access");
    const parts = { config: this.#config, access, users: this.#users, certificates: this.#certificates, clock, log };
    return this.#parts.use(await openAccess(parts));
  }

  async #startHttp(): Promise<HttpServer> {
    const { certFile, keyFile, ...http } = this.#config.http;
    const health = () => this.#readiness.report();
    const tls = await tlsFilesOf(certFile, keyFile);
    const server = this.#parts.use(
      new HttpServer({
        ...http,
        tls: tls === undefined ? undefined : { ...tls, minVersion: this.#config.security.minTls },
        version: this.#version,
        health,
      }),
    );
    await server.start();
    if (tls === undefined && !isLoopback(http.host)) {
      const what = "passwords and tokens can be read on the way: set http.certFile and http.keyFile";
      this.#moduleLog("rest").warn(`HTTP on ${http.host} is not encrypted: ${what}, or put a proxy with TLS in front`);
    }
    return server;
  }

  /** Returns how types of JSON devices are detected, where the configuration says so. */
  async #loadDevices(): Promise<LoadedDevices> {
    const { shelf, registry, clock } = this.#fleet;
    const { packageFolders, dataFolder, json } = this.#config;
    const packagesLog = this.#moduleLog("packages");
    const { deviceRegistry } = json;
    const detectionRules =
      deviceRegistry === undefined ? undefined : await loadDeviceTypes(deviceRegistry, shelf, packagesLog);
    await fillShelf(shelf, packageFolders, packagesLog);
    const { alarms } = this.#fleet;
    const { ruleFiles } = this.#config.alarms;
    this.#parts.use(await openAlarms({ folder: dataFolder, alarms, ruleFiles, clock, log: this.#moduleLog("alarms") }));
    const packages = this.#parts.use(await PackageCatalogue.open(dataFolder, this.#fleet, packagesLog));
    const devices = this.#parts.use(new DeviceFile(dataFolder, registry, clock, this.#moduleLog("devices")));
    await devices.load(shelf);
    const presenceLog = this.#moduleLog("presence");
    const store = new PresenceFile(dataFolder);
    this.#parts.use(await PresenceKeeper.open({ board: this.#fleet.presence, store, clock, log: presenceLog }));
    const { onboarding } = this.#fleet;
    await this.#parts.use(new PendingFile(dataFolder, onboarding, clock, this.#moduleLog("onboarding"))).load();
    const { configurations } = this.#fleet.control;
    const parts = { folder: dataFolder, registry, configurations, clock, log: this.#moduleLog("devices") };
    await this.#parts.use(new ConfigurationFile(parts)).load();
    return { detectionRules, packages };
  }

  /** Where the broker is and how to log in: the one of the configuration, else one of our own. */
  async #broker(): Promise<BrokerAccess> {
    const { mqtt } = this.#config;
    if (mqtt.url !== undefined) return { brokerUrl: mqtt.url, mqtt, simulator: undefined };
    const own = await startOwnBroker(this.#config, this.#fleet.clock, this.#moduleLog("mqtt"));
    const { url, host, simulator } = this.#parts.use(own);
    return { brokerUrl: url, mqtt: { ...mqtt, ...host }, simulator };
  }

  async #openHistorian(): Promise<Historian> {
    const folder = join(this.#config.dataFolder, "history");
    const historian = await openHistorian({
      folder,
      databaseUrl: await databaseUrlOf(this.#config),
      clock: this.#fleet.clock,
      logger: this.#moduleLog("historian"),
      random: Math.random,
      warnings: this.#fleet.control.warnings,
      ...this.#config.history,
    });
    this.#fleet.events.open(historian.events);
    this.#parts.use(historian);
    this.#parts.use(await HistorySocket.listen(folder, historian, this.#moduleLog("historian")));
    return historian;
  }

  #moduleLog(module: string): Logger {
    return this.#log.child({ module });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
