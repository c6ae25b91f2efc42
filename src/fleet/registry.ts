import { type SpecificPoint, specificPointsOf } from "#fleet/onboarding/specific-points.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { type DeviceId, isDeviceId } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";
import type { TagNameplate } from "#model/tag-nameplate.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";

/** What must be remembered of a device so that it is there again after a restart. */
export interface DeviceRecord {
  readonly id: DeviceId;
  readonly packageId: string;
  readonly packageRevision: string;
  readonly protocol: Protocol;
  readonly address: string;
  /** Absent while nobody named it. */
  readonly tag?: TagNameplate | undefined;
  /** What it shows beyond its package. */
  readonly points?: readonly SpecificPoint[];
}

export interface RegistryChange {
  readonly kind: "added" | "removed";
  readonly device: Device;
  /** The other record of the same device when it is not new or gone but has another package from now on. */
  readonly counterpart?: Device;
}

/** Every device the host knows, by name and by transport address. */
export class DeviceRegistry {
  readonly #live: LiveValues;
  readonly #byId = new Map<DeviceId, Device>();
  readonly #byAddress = new Map<string, Device>();
  readonly #waysOf = new Map<Device, readonly Device[]>();
  /** Of devices that people named. */
  readonly #tags = new Map<DeviceId, TagNameplate>();
  readonly #listeners: ((change: RegistryChange) => void)[] = [];
  readonly #tagListeners: ((device: Device) => void)[] = [];

  constructor(live: LiveValues) {
    this.#live = live;
  }

  /** Adds a device. Throws `argument-invalid` when the name is malformed, or taken by another address. */
  add(name: string, pkg: DevicePackage, protocol: Protocol, address: string): Device {
    if (!isDeviceId(name)) {
      throw new HostError(
        "argument-invalid",
        `${JSON.stringify(name.slice(0, 80))} at ${address} is not a device name`,
      );
    }
    const holder = this.#byId.get(name);
    if (holder !== undefined) {
      throw new HostError("argument-invalid", `device name ${name} of ${address} is taken by ${holder.address}`);
    }
    const device = this.#record(name, pkg, protocol, address);
    this.#enter(device);
    this.#tell({ kind: "added", device });
    return device;
  }

  /**
   * Gives a device another package: a new record with slots of its own takes the place of `device`, on all its ways.
   * `carry` is called before listeners learn of it, while what is known of the old record is still there.
   */
  changePackage(device: Device, pkg: DevicePackage, carry: (from: Device, to: Device) => void = () => {}): Device {
    const ways = this.ways(device);
    const successor = this.#record(device.id, pkg, device.protocol, device.address);
    carry(device, successor);
    this.#leave(device);
    this.#tell({ kind: "removed", device, counterpart: successor });
    this.#enter(successor);
    for (const way of ways) this.link(successor, way.protocol, way.address);
    this.#tell({ kind: "added", device: successor, counterpart: device });
    this.#live.release(device.firstSlot, device.package.parameters.length);
    return successor;
  }

  /** Removes a device and frees its slots; unknown devices are ignored. */
  remove(id: DeviceId): void {
    const device = this.#byId.get(id);
    if (device === undefined) return;
    this.#leave(device);
    this.#tags.delete(id);
    this.#tell({ kind: "removed", device });
    this.#live.release(device.firstSlot, device.package.parameters.length);
  }

  /**
   * Notes a second way to a device, over another protocol: the record returned stands for that way, `device` keeps owning
   * the points.
   */
  link(device: Device, protocol: Protocol, address: string): Device {
    const way: Device = { ...device, protocol, address, owner: device };
    this.#byAddress.set(addressKey(protocol, address), way);
    this.#waysOf.set(device, [...this.ways(device), way]);
    return way;
  }

  /** What people call a device: empty and its own name until they do. */
  tagOf(device: Device): TagNameplate {
    return this.#tags.get(device.id) ?? { assetId: "", componentName: device.id };
  }

  setTag(device: Device, tag: TagNameplate): void {
    this.#tags.set(device.id, tag);
    for (const listener of this.#tagListeners) listener(device);
  }

  /** The further ways to a device, each over a protocol of its own. */
  ways(device: Device): readonly Device[] {
    return this.#waysOf.get(device) ?? [];
  }

  /** True unless the device was removed: its record may still be in use somewhere, its slots are others'. */
  holds(device: Device): boolean {
    return this.#byId.get(device.id) === device;
  }

  find(id: string): Device | undefined {
    return isDeviceId(id) ? this.#byId.get(id) : undefined;
  }

  /** The device of that name; throws `device-unknown`. */
  get(id: string): Device {
    const device = this.find(id);
    if (device === undefined) throw new HostError("device-unknown", `no device ${id} among ${this.#byId.size} devices`);
    return device;
  }

  findByAddress(protocol: Protocol, address: string): Device | undefined {
    return this.#byAddress.get(addressKey(protocol, address));
  }

  all(): IterableIterator<Device> {
    return this.#byId.values();
  }

  /** How many devices have a revision of a package, named by its key. */
  countOf(key: string): number {
    let count = 0;
    for (const { package: pkg } of this.#byId.values()) if (packageKey(pkg) === key) count += 1;
    return count;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Calls `listener` after people named a device. */
  onTag(listener: (device: Device) => void): void {
    this.#tagListeners.push(listener);
  }

  /** Calls `listener` after each change; listeners run in the order they came. */
  onChange(listener: (change: RegistryChange) => void): void {
    this.#listeners.push(listener);
  }

  records(): DeviceRecord[] {
    return [...this.#byId.values()].map((device) => {
      const points = specificPointsOf(device.package, device.protocol);
      return {
        id: device.id,
        packageId: device.package.id,
        packageRevision: device.package.revision,
        protocol: device.protocol,
        address: device.address,
        tag: this.#tags.get(device.id),
        ...(points.length === 0 ? {} : { points }),
      };
    });
  }

  // Its slots are taken as soon as it is made.
  #record(id: DeviceId, pkg: DevicePackage, protocol: Protocol, address: string): Device {
    return { id, package: pkg, protocol, address, firstSlot: this.#live.allocate(pkg.parameters.length) };
  }

  #enter(device: Device): void {
    this.#byId.set(device.id, device);
    this.#byAddress.set(addressKey(device.protocol, device.address), device);
  }

  #leave(device: Device): void {
    this.#byId.delete(device.id);
    for (const way of [device, ...this.ways(device)]) this.#byAddress.delete(addressKey(way.protocol, way.address));
    this.#waysOf.delete(device);
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function addressKey(protocol: Protocol, address: string): string {
  return `${protocol} ${address}`;
}
