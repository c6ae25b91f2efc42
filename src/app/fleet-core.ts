import { createHash, randomUUID } from "node:crypto";
import { Access } from "#fleet/access/access.ts";
import type { CertificateStore, PasswordHasher, TokenSource, UserStore } from "#fleet/access/ports.ts";
import { sessionName } from "#fleet/access/sessions.ts";
import { Alarms } from "#fleet/alarms/alarms.ts";
import { CommandBook } from "#fleet/command-book.ts";
import type { Commands } from "#fleet/commands.ts";
import { Control } from "#fleet/control.ts";
import { DeviceList } from "#fleet/device-list.ts";
import { Ingest } from "#fleet/ingest.ts";
import { LagMeter } from "#fleet/lag-meter.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { OnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import { UnheardDevices } from "#fleet/onboarding/unheard-devices.ts";
import type { OwnershipPolicy } from "#fleet/ownership.ts";
import { PackageChanges, type PackageChangesParts } from "#fleet/package-changes.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import type { AuditLog, DeviceTransport, SampleSink, TestReportStore } from "#fleet/ports.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { TagNameplates } from "#fleet/tag-nameplates.ts";
import { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { Protocol } from "#model/protocol.ts";
import { LateEventJournal } from "./late-event-journal.ts";

/** What the inside needs to keep things and to prove passwords. */
export interface FleetStores {
  readonly auditLog: AuditLog;
  readonly reports: TestReportStore;
  readonly users: UserStore;
  readonly certificates: CertificateStore;
  readonly hasher: PasswordHasher;
  readonly tokens: TokenSource;
  readonly minPasswordLength: number;
  readonly sessionIdleMs: number;
}

const sessionLimits = { lifeMs: 12 * 3_600_000, perUser: 20 };

/** Where samples go, and whose word counts for a device on two protocols. */
export interface IngestWays {
  /** In the order in which they hear of each batch. */
  readonly sinks: readonly SampleSink[];
  /** Default: every device has one protocol. */
  readonly ownership?: OwnershipPolicy;
}

/** The inside of the host, before anything is connected to it. */
export class FleetCore {
  readonly clock = systemClock;
  readonly live = new LiveValues();
  readonly registry = new DeviceRegistry(this.live);
  readonly presence: PresenceBoard;
  readonly traffic = new Traffic();
  readonly shelf = new PackageShelf();
  /** Filled once the transports exist; a device's commands go to the one of its protocol. */
  readonly transports: DeviceTransport[] = [];
  readonly control: Control;
  readonly packageChanges: PackageChanges;
  readonly onboarding: Onboarding;
  /** Who may get in. */
  readonly access: Access;
  readonly tags: TagNameplates;
  readonly devices: DeviceList;
  readonly commandBook: CommandBook;
  readonly lag = new LagMeter(() => this.clock.now());
  /** Keeps what happens; takes events from the start, also before the history store is open. */
  readonly events: LateEventJournal;
  readonly alarms: Alarms;
  readonly #log: Logger;

  constructor(log: Logger, stores: FleetStores, onboarding?: OnboardingPolicy) {
    const { live, registry, shelf, clock } = this;
    const { auditLog, reports, users, certificates, hasher, tokens } = stores;
    this.#log = log;
    this.events = new LateEventJournal(log);
    const transportOf: PackageChangesParts["transportOf"] = (device) => this.transportFor(device.protocol);
    this.presence = new PresenceBoard({ nextAttemptOf: (device) => transportOf(device)?.health().nextAttemptAt });
    const { presence } = this;
    const elapsed = (): number => performance.now();
    this.control = new Control({
      live,
      presence,
      auditLog,
      reports,
      clock,
      elapsed,
      newId: randomUUID,
      digest: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
      transportOf,
      log: log.child({ module: "commands" }),
    });
    const { control } = this;
    this.devices = new DeviceList({ registry, presence, live });
    this.commandBook = new CommandBook(control.audit);
    this.packageChanges = new PackageChanges({ registry, shelf, live, presence, control, transportOf, clock });
    this.access = new Access({
      store: users,
      certificates,
      hasher,
      tokens,
      rule: { minLength: stores.minPasswordLength },
      limits: { ...sessionLimits, idleMs: stores.sessionIdleMs },
      clock,
      newId: randomUUID,
      audit: this.control.audit,
    });
    this.access.sessions.onEnd(({ id }) => this.control.sessionEnded(sessionName(id)));
    this.tags = new TagNameplates(registry, control.audit, clock);
    const newEventId = (): string => randomUUID().replaceAll("-", "");
    this.alarms = new Alarms({
      registry,
      live,
      presence,
      warnings: control.warnings,
      audit: control.audit,
      clock,
      elapsed,
      newEventId,
      startedAt: clock.now(),
      isReachable: (device) => transportOf(device)?.health().connected ?? true,
    });
    this.alarms.onEvent((event) => this.events.append(event));
    this.onboarding = new Onboarding({
      registry,
      shelf,
      transportFor: (protocol) => this.transportFor(protocol),
      changePackage: (device, pkg) => this.packageChanges.follow(device, pkg),
      audit: control.audit,
      clock,
      log: log.child({ module: "onboarding" }),
      ...(onboarding === undefined ? {} : { policy: onboarding }),
    });
    this.registry.onChange(({ kind, device, counterpart }) => {
      if (kind !== "removed") return;
      this.control.forget(device);
      if (counterpart === undefined) this.presence.forget(device);
    });
  }

  get commands(): Commands {
    return this.control.commands;
  }

  transportFor(protocol: Protocol): DeviceTransport | undefined {
    return this.transports.find((transport) => transport.protocol === protocol);
  }

  /** Asks known devices that stay silent after the start to introduce themselves; call it once the transports run. */
  watchUnheard(): Disposable {
    const { registry, presence, clock } = this;
    return new UnheardDevices({ registry, presence, clock, transportFor: (protocol) => this.transportFor(protocol) });
  }

  /** The way in for what comes over a protocol; the alarms hear of each batch first, then `sinks`. */
  ingest(protocol: Protocol, { sinks, ownership }: IngestWays): Ingest {
    const { registry, onboarding, live, presence, control, clock, alarms } = this;
    const traffic = this.traffic.lane(protocol);
    const log = this.#log.child({ module: "ingest" });
    return new Ingest({
      registry,
      onboarding,
      live,
      presence,
      control,
      traffic,
      alarms,
      sinks: [alarms.sink, ...sinks],
      ownership,
      clock,
      log,
    });
  }
}
