import { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import { Ingest } from "#fleet/ingest.ts";
import { type LiveValue, LiveValues } from "#fleet/live-values.ts";
import { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { OnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import type { OwnershipPolicy } from "#fleet/ownership.ts";
import { PackageChanges } from "#fleet/package-changes.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import type { DeviceTransport, SampleSink } from "#fleet/ports.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { Traffic } from "#fleet/traffic.ts";
import type { Clock } from "#lib/clock.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { silentLogger } from "./silent-logger.ts";

export interface FleetOptions {
  readonly packages: readonly DevicePackage[];
  readonly clock: Clock;
  readonly ownership?: OwnershipPolicy;
  readonly sinks?: readonly SampleSink[];
  readonly policy?: OnboardingPolicy;
}

/** One sample as the sinks heard it. */
export interface HeardSample {
  readonly device: string;
  readonly parameter: string;
  readonly value: number | string;
  readonly time: number;
  readonly quality: number;
  readonly historical: boolean;
}

/** The fleet's core as the host wires it, without stores and servers: what a transport reports to in tests. */
export class TransportFleet {
  readonly live = new LiveValues();
  readonly registry = new DeviceRegistry(this.live);
  readonly presence: PresenceBoard;
  readonly traffic = new Traffic();
  readonly shelf = new PackageShelf();
  readonly transports: DeviceTransport[] = [];
  readonly heard: HeardSample[] = [];
  readonly control: Control;
  readonly onboarding: Onboarding;
  readonly ingest: Ingest;
  #ids = 0;

  constructor({ packages, clock, ownership, sinks = [], policy }: FleetOptions) {
    const { live, registry, traffic, shelf } = this;
    const log = silentLogger();
    for (const pkg of packages) shelf.put(pkg);
    const transportOf = (device: Device): DeviceTransport | undefined =>
      this.transports.find(({ protocol }) => protocol === device.protocol);
    this.presence = new PresenceBoard({ nextAttemptOf: (device) => transportOf(device)?.health().nextAttemptAt });
    const { presence } = this;
    this.control = new Control({
      live,
      presence,
      transportOf,
      auditLog: { record: () => Promise.resolve() },
      clock,
      elapsed: () => clock.now(),
      newId: () => `c-${(this.#ids += 1)}`,
      digest: (text) => text,
      log,
      writeTimeoutMs: 2_000,
    });
    const recorder: SampleSink = { accept: (device, batch) => this.#note(device, batch) };
    const changes = new PackageChanges({ registry, shelf, live, presence, control: this.control, transportOf, clock });
    this.onboarding = new Onboarding({
      registry,
      shelf,
      transportFor: (wanted) => this.transports.find(({ protocol }) => protocol === wanted),
      changePackage: (device, pkg) => changes.follow(device, pkg),
      audit: this.control.audit,
      clock,
      log,
      ...(policy === undefined ? {} : { policy }),
    });
    this.ingest = new Ingest({
      registry,
      onboarding: this.onboarding,
      live,
      presence,
      traffic,
      ownership,
      clock,
      log,
      control: this.control,
      sinks: [recorder, ...sinks],
    });
  }

  device(id: string): Device {
    return this.registry.get(id);
  }

  value(id: string, parameter: string): LiveValue {
    const device = this.device(id);
    const spec = device.package.parameterByName.get(parameter);
    if (spec === undefined) throw new HostError("parameter-unknown", parameter);
    return this.live.get(device, spec);
  }

  state(id: string): string {
    const device = this.registry.find(id);
    return device === undefined ? "not there" : this.presence.of(device).state;
  }

  /** What the sinks heard of one parameter: `value` for current ones, `H:value` for history only. */
  history(parameter: string): string[] {
    return this.heard
      .filter((sample) => sample.parameter === parameter)
      .map(({ value, historical }) => `${historical ? "H:" : ""}${value}`);
  }

  #note(device: Device, batch: Parameters<SampleSink["accept"]>[1]): void {
    for (let i = 0; i < batch.size; i += 1) {
      this.heard.push({
        device: device.id,
        parameter: device.package.parameters[batch.parameters[i] ?? -1]?.name ?? "?",
        value: batch.texts[i] ?? batch.values[i] ?? Number.NaN,
        time: batch.times[i] ?? Number.NaN,
        quality: batch.qualities[i] ?? -1,
        historical: ((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0,
      });
    }
  }
}
