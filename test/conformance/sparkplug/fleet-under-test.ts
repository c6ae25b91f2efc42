import type { Device } from "#fleet/device.ts";
import { Ingest } from "#fleet/ingest.ts";
import { type LiveValue, LiveValues } from "#fleet/live-values.ts";
import { Onboarding } from "#fleet/onboarding/onboarding.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import { breakerPackage } from "../../unit/sparkplug/breaker-package.ts";
import { recordingLog } from "../../unit/transport-shared/silent-log.ts";

const ignore = (): void => undefined;

/** The fleet behind a host under test: the real one, with the breaker package of these tests and no command path. */
export class FleetUnderTest {
  readonly presence = new PresenceBoard();
  readonly traffic = new Traffic();
  readonly uplink: Ingest;
  readonly #live = new LiveValues();
  readonly #registry = new DeviceRegistry(this.#live);

  constructor() {
    const shelf = new PackageShelf();
    shelf.put(breakerPackage);
    const onboarding = new Onboarding({
      registry: this.#registry,
      shelf,
      transportFor: () => undefined,
      changePackage: (device, pkg) => this.#registry.changePackage(device, pkg),
      audit: { note: ignore },
      clock: systemClock,
      log: recordingLog(),
    });
    this.uplink = new Ingest({
      registry: this.#registry,
      onboarding,
      live: this.#live,
      presence: this.presence,
      control: { before: ignore, observe: ignore, acknowledged: ignore, lost: ignore },
      traffic: this.traffic,
      sinks: [],
      clock: systemClock,
      log: recordingLog(),
    });
  }

  device(id: string): Device | undefined {
    return this.#registry.find(id);
  }

  stateOf(id: string): string {
    const device = this.device(id);
    return device === undefined ? "unknown" : this.presence.of(device).state;
  }

  value(id: string, parameter: string): LiveValue {
    const device = this.#registry.get(id);
    const spec = device.package.parameterByName.get(parameter);
    if (spec === undefined) throw new Error(`no parameter ${parameter}`);
    return this.#live.get(device, spec);
  }
}
