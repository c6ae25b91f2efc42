import { Alarms } from "#fleet/alarms/alarms.ts";
import type { KeptAlarm } from "#fleet/alarms/ports.ts";
import type { Commands } from "#fleet/commands.ts";
import { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import { Ingest } from "#fleet/ingest.ts";
import type { LiveValue } from "#fleet/live-values.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { Onboarding } from "#fleet/onboarding/onboarding.ts";
import { PackageChanges } from "#fleet/package-changes.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import type { SampleSink } from "#fleet/ports.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { TagNameplates } from "#fleet/tag-nameplates.ts";
import { Traffic } from "#fleet/traffic.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { breakerPackage } from "./breaker-package.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryAudit } from "./memory-audit.ts";
import { MemoryTransport } from "./memory-transport.ts";
import { silentLogger } from "./silent-logger.ts";

export interface AlarmsBefore {
  /** What an earlier run left. */
  readonly kept?: readonly KeptAlarm[];
  /** How long the host has run. */
  readonly sinceStartMs?: number;
}

/** Everything of the fleet, wired in memory, with one breaker `CB-1` that is online. */
export class TestFleet {
  readonly clock = new FakeClock();
  readonly live = new LiveValues();
  readonly registry = new DeviceRegistry(this.live);
  readonly presence = new PresenceBoard();
  readonly traffic = new Traffic();
  readonly transport = new MemoryTransport();
  readonly shelf = new PackageShelf();
  readonly audit = new MemoryAudit();
  readonly control: Control;
  readonly packageChanges: PackageChanges;
  readonly tags: TagNameplates;
  readonly alarms: Alarms;
  readonly onboarding: Onboarding;
  readonly ingest: Ingest;
  readonly breaker: Device;
  readonly #batch = new SampleBatch(1);
  #ids = 0;
  #events = 0;

  constructor(
    sinks: SampleSink[] = [],
    pkg: DevicePackage = breakerPackage(),
    newId = (): string => String((this.#ids += 1)),
    { kept = [], sinceStartMs = 3_600_000 }: AlarmsBefore = {},
    declaredType?: string,
  ) {
    const { clock, live, registry, presence, traffic, shelf } = this;
    const log = silentLogger();
    shelf.put(pkg);
    this.control = new Control({
      live,
      presence,
      auditLog: this.audit,
      transportOf: () => this.transport,
      clock,
      elapsed: () => clock.elapsed(),
      newId,
      digest: (text) => text,
      log,
    });
    const { control, transport } = this;
    this.packageChanges = new PackageChanges({
      registry,
      shelf,
      live,
      presence,
      control,
      transportOf: () => transport,
      clock,
    });
    this.tags = new TagNameplates(registry, control.audit, clock);
    registry.onChange(({ kind, device }) => {
      if (kind === "removed") control.forget(device);
    });
    this.onboarding = new Onboarding({
      registry,
      shelf,
      transportFor: () => this.transport,
      changePackage: (device, next) => this.packageChanges.follow(device, next),
      audit: this.control.audit,
      clock,
      log,
    });
    const { onboarding } = this;
    this.alarms = new Alarms({
      registry,
      live,
      presence,
      warnings: control.warnings,
      startedAt: clock.now() - sinceStartMs,
      isReachable: () => transport.health().connected,
      audit: control.audit,
      clock,
      elapsed: () => clock.elapsed(),
      newEventId: () => (this.#events += 1).toString(16).padStart(32, "0"),
    });
    // Into the same list, because tests add sinks to it later.
    sinks.unshift(this.alarms.sink);
    this.alarms.restore(kept);
    this.ingest = new Ingest({
      registry,
      onboarding,
      live,
      presence,
      traffic: traffic.lane("sparkplug"),
      sinks,
      clock,
      log,
      control,
      alarms: this.alarms,
    });
    const breaker = this.announce("CB-1", "G/N/CB-1", declaredType);
    if (breaker === undefined) throw new HostError("device-unknown", "the test breaker was not admitted");
    this.breaker = breaker;
    this.ingest.presence(breaker, "online", clock.now(), "birth");
  }

  get commands(): Commands {
    return this.control.commands;
  }

  announce(name: string, address: string, declaredType: string | undefined = "test/breaker"): Device | undefined {
    return this.ingest.announced({
      protocol: "sparkplug",
      name,
      address,
      declaredType,
      points: [],
      at: this.clock.now(),
    });
  }

  /** One sample of CB-1 arrives; `time` defaults to now. */
  sample(parameter: string, value: number | string, time = this.clock.now(), flags = 0): void {
    this.sampleOf(this.breaker, parameter, value, time, flags);
  }

  // oxlint-disable-next-line max-params -- the parts of one sample
  sampleOf(device: Device, parameter: string, value: number | string, time = this.clock.now(), flags = 0): void {
    const index = device.package.parameterByName.get(parameter)?.index ?? -1;
    this.#batch.reset(this.clock.now());
    if (typeof value === "string") this.#batch.addText(index, value, time, Quality.good, flags);
    else this.#batch.add(index, value, time, Quality.good, flags);
    this.ingest.samples(device, this.#batch);
  }

  /** A sample of CB-1 that was received at `receivedAt` and only now comes through. */
  sampleReceived(parameter: string, value: number, receivedAt: number): void {
    const index = this.breaker.package.parameterByName.get(parameter)?.index ?? -1;
    this.#batch.reset(receivedAt);
    this.#batch.add(index, value, receivedAt, Quality.good);
    this.ingest.samples(this.breaker, this.#batch);
  }

  value(parameter: string): LiveValue {
    const spec = this.breaker.package.parameterByName.get(parameter);
    if (spec === undefined) throw new HostError("parameter-unknown", parameter);
    return this.live.get(this.breaker, spec);
  }
}
