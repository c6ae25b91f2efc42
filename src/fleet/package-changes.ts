import { demand } from "#fleet/access/action.ts";
import { keepSpecificPoints } from "#fleet/onboarding/point-budget.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { Control } from "./control.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";
import type { PackageShelf } from "./package-shelf.ts";
import type { DeviceTransport } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";

export interface PackageChangesParts {
  readonly registry: DeviceRegistry;
  readonly shelf: PackageShelf;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly control: Control;
  readonly transportOf: (device: Device) => DeviceTransport | undefined;
  readonly clock: Clock;
}

/** Gives devices another package while the host runs: a newer revision, or the right one at last. */
export class PackageChanges {
  readonly #parts: PackageChangesParts;

  constructor(parts: PackageChangesParts) {
    this.#parts = parts;
  }

  /**
   * Gives a device the package with that key (`acme/feeder-breaker@1.1.0`). Its name, address, history, presence and
   * settings stay, as do the values of parameters that both packages have with the same type; then the device is asked to
   * introduce itself again. Throws `access-denied` below the role maintenance, `argument-invalid` for a package that is not
   * on the shelf or retired, `device-locked`, and `command-busy` while a command, write or test is under way.
   */
  change(device: Device, key: string, by: Principal): Device {
    const { registry, control, clock } = this.#parts;
    demand(by, "device.change-package", `change the package of ${device.id}`);
    const pkg = this.#find(device, key);
    const action = `change package to ${packageKey(pkg)}`;
    if (packageKey(device.package) === packageKey(pkg)) return device;
    using _lock = control.locks.use(device, by);
    using _alone = control.reserve(device, action);
    const ways = registry.ways(device);
    const about = { commandId: "", user: by.user, origin: by.origin, device: device.id, action };
    control.audit.note({
      at: clock.now(),
      kind: "package",
      ...about,
      detail: `it had ${packageKey(device.package)}`,
    });
    const successor = this.#replace(device, keepSpecificPoints(pkg, device));
    for (const way of [successor, ...ways]) this.#parts.transportOf(way)?.readmit?.(way.address);
    return successor;
  }

  /**
   * Gives a device another package because of what it said of itself, and answers its new record. A device that is locked,
   * or busy with a command, write or test, is left as it is: it will introduce itself again.
   */
  follow(device: Device, pkg: DevicePackage): Device {
    const { control } = this.#parts;
    if (control.locks.of(device) !== undefined) return device;
    try {
      using _alone = control.reserve(device, `change package to ${packageKey(pkg)}`);
      return this.#replace(device, pkg);
    } catch (error) {
      if (HostError.from(error)?.code === "command-busy") return device;
      throw error;
    }
  }

  #replace(device: Device, pkg: DevicePackage): Device {
    const { registry, presence, control, live } = this.#parts;
    return registry.changePackage(device, pkg, (from, to) => {
      presence.carry(from, to);
      control.configurations.carry(from, to);
      carryValues(live, from, to);
    });
  }

  #find(device: Device, key: string): DevicePackage {
    const choices = this.#parts.shelf.choices();
    const found = choices.get(key);
    if (found !== undefined) return found;
    const revisions = [...choices].filter(([, { id }]) => id === device.package.id).map(([known]) => known);
    const asked = JSON.stringify(key.slice(0, 120));
    throw new HostError(
      "argument-invalid",
      `${device.id} cannot get the package ${asked}: it is not installed, or was retired; of its own there are ${revisions.join(", ")}`,
    );
  }
}

function carryValues(live: LiveValues, from: Device, to: Device): void {
  for (const spec of to.package.parameters) {
    const before = from.package.parameterByName.get(spec.name);
    if (before === undefined || before.dataType !== spec.dataType || before.unit?.code !== spec.unit?.code) continue;
    live.copy(from.firstSlot + before.index, to.firstSlot + spec.index);
  }
}
