import { demand } from "#fleet/access/action.ts";
import type { Audit } from "#fleet/audit.ts";
import type { Device } from "#fleet/device.ts";
import { isMatch, type PackageProposal, type PackageShelf } from "#fleet/package-shelf.ts";
import type { Announcement, DeviceTransport, RejectionReason } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { type DevicePackage, installedPackage, packageKey } from "#model/device-package.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { DeviceId } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";
import { genericPackage, genericPackageName, isGeneric } from "./generic-package.ts";
import { defaultOnboardingPolicy, type OnboardingPolicy } from "./onboarding-policy.ts";
import { type PendingDevice, PendingDevices, type PendingRecord, pendingKey } from "./pending-devices.ts";
import { PointBudget } from "./point-budget.ts";

export interface OnboardingParts {
  readonly registry: DeviceRegistry;
  readonly shelf: PackageShelf;
  readonly transportFor: (protocol: Protocol) => DeviceTransport | undefined;
  /** Gives a device another package, keeping what is known of it. */
  readonly changePackage: (device: Device, pkg: DevicePackage) => Device;
  readonly audit: Pick<Audit, "note">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy?: OnboardingPolicy;
}

/** Why a device is not taken in. */
export interface Refusal {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Which of the devices that wait, and as what it is taken in. */
export interface AcceptRequest {
  /** Its key, or its name where only one waits under that name. */
  readonly key: string;
  /** Package key `id@revision`, `generic` for none; default: the best of the packages proposed. */
  readonly package?: string | undefined;
  /** Name to take it in under; default: its own. */
  readonly name?: string | undefined;
  readonly by: Principal;
}

/** What the host shows of its onboarding. */
export interface OnboardingCounts {
  readonly pending: number;
  readonly rejected: number;
  /** Devices without a package. */
  readonly generic: number;
  /** Announcements of devices that found no place, neither as a device nor among those who wait. */
  readonly turnedAway: number;
  /** Points beyond packages that are shown. */
  readonly points: number;
  /** Points beyond packages that were not shown because of a limit, each counted once per announcement. */
  readonly pointsLeftOut: number;
}

/** Decides what becomes of devices that introduce themselves, by policy or by an operator. */
export class Onboarding {
  readonly policy: OnboardingPolicy;
  readonly #parts: OnboardingParts;
  readonly #pending: PendingDevices;
  readonly #budget: PointBudget;
  readonly #upgrades = new Map<DeviceId, readonly PackageProposal[]>();
  readonly #listeners: (() => void)[] = [];
  #turnedAway = 0;

  constructor(parts: OnboardingParts) {
    this.#parts = parts;
    this.policy = parts.policy ?? defaultOnboardingPolicy;
    const { limits } = this.policy;
    this.#pending = new PendingDevices(limits.pending);
    this.#budget = new PointBudget(parts.registry, limits);
    parts.shelf.put(genericPackage, false);
    parts.shelf.onNew((pkg) => this.#newPackage(pkg));
    parts.registry.onChange(({ kind, device, counterpart }) => {
      if (kind === "removed") this.#upgrades.delete(device.id);
      if (kind === "removed" && counterpart === undefined) this.#readmit(device);
    });
  }

  /** Takes a device in that nobody knows yet, or tells why not; never throws. */
  newcomer(announcement: Announcement): Device | Refusal {
    const waiting = this.#pending.get(pendingKey(announcement));
    if (waiting?.state === "rejected") {
      this.#pending.note(announcement, waiting.reason);
      return { reason: "unknown-device", detail: waiting.reason };
    }
    if (this.#parts.registry.size >= this.policy.limits.devices) {
      return this.#turnAway(`there are ${this.policy.limits.devices} devices, as many as are allowed`);
    }
    const pkg = this.#packageFor(announcement);
    if (typeof pkg === "string") return this.#wait(announcement, "unknown-device", pkg);
    try {
      return this.#takeIn(announcement.name, pkg, announcement);
    } catch (error) {
      return this.#wait(announcement, "foreign-device", messageOf(error));
    }
  }

  /** A device that is known introduced itself again: it may have more points, or a package that fits better by now. */
  again(device: Device, announcement: Announcement): Device {
    if (device.owner !== undefined) return device;
    const pkg = this.#betterPackage(device, announcement) ?? device.package;
    const extended = this.#budget.extend(pkg, announcement, device);
    return extended === device.package ? device : this.#parts.changePackage(device, extended);
  }

  /** Those who wait and those who were rejected. */
  list(): PendingDevice[] {
    return [...this.#pending.all()].map(([key, record]) => this.#shown(key, record));
  }

  /** Devices for which there is a package that fits better than what they have, with the proposals, the best first. */
  upgrades(): ReadonlyMap<DeviceId, readonly PackageProposal[]> {
    return this.#upgrades;
  }

  /**
   * Takes in a device that waits or was rejected. Throws `access-denied` below the role maintenance, `device-unknown` when
   * nobody waits under that key, `argument-invalid` for a package that is not installed or a name that is taken.
   */
  accept({ key, package: packageName, name, by }: AcceptRequest): Device {
    demand(by, "device.onboard", "accept devices");
    const [found, record] = this.#find(key);
    const pkg = this.#packageNamed(packageName, this.#shown(found, record));
    if (this.#parts.registry.size >= this.policy.limits.devices) {
      throw new HostError("overloaded", `${record.name}: there are ${this.policy.limits.devices} devices already`);
    }
    const { offers, pointCount, lastSeen: at } = record;
    const points = offers.map(({ address }) => address);
    const device = this.#takeIn(name ?? record.name, pkg, { ...record, points, offers, at });
    this.#audit(by, device.id, "accept device", `${found} as ${packageKey(pkg)}, ${pointCount} points`);
    this.#readmit(device);
    return device;
  }

  /** An operator does not want the device: it is kept as rejected and its messages are not used. Throws as `accept` does. */
  reject(key: string, by: Principal): void {
    demand(by, "device.onboard", "reject devices");
    const [found, record] = this.#find(key);
    this.#pending.put({ ...record, state: "rejected", reason: `rejected by ${by.user}` });
    this.#audit(by, record.name, "reject device", found);
    this.#tell();
  }

  /** Removes a device for good: it counts as rejected until it is accepted again. Throws `access-denied`. */
  remove(device: Device, by: Principal): void {
    demand(by, "device.remove", "remove devices");
    const { id, protocol, address, package: pkg } = device;
    const at = this.#parts.clock.now();
    const points = pkg.parameters.flatMap(({ bindings }) => bindings[protocol]?.address ?? []);
    const about = { protocol, name: id, address, declaredType: undefined, pointCount: points.length };
    const reason = `removed by ${by.user}`;
    this.#pending.put({ ...about, state: "rejected", reason, offers: [], firstSeen: at, lastSeen: at });
    this.#parts.registry.remove(id);
    this.#audit(by, id, "remove device", pendingKey(device));
    this.#tell();
  }

  counts(): OnboardingCounts {
    let generic = 0;
    for (const { package: pkg } of this.#parts.registry.all()) if (isGeneric(pkg)) generic += 1;
    return {
      pending: this.#pending.count("pending"),
      rejected: this.#pending.count("rejected"),
      generic,
      turnedAway: this.#turnedAway,
      points: this.#budget.used,
      pointsLeftOut: this.#budget.leftOut,
    };
  }

  /** Calls `listener` when a device begins or ceases to wait, or is rejected; not for each message of one that waits. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  records(): PendingRecord[] {
    return [...this.#pending.all()].map(([, record]) => record);
  }

  /** Takes over what was kept of the last run. */
  restore(records: readonly PendingRecord[]): void {
    for (const record of records) this.#pending.put(record);
  }

  /** The package to take a newcomer in with, or why it has to wait. */
  #packageFor(announcement: Announcement): DevicePackage | string {
    const { mode } = this.policy;
    if (mode === "manual") return "every new device has to be accepted";
    const pkg = this.#parts.shelf.match(announcement);
    if (pkg !== undefined) return pkg;
    if (mode === "auto" && announcement.points.length > 0) return genericPackage;
    return `no package fits type ${announcement.declaredType?.slice(0, 80) ?? "(none)"}`;
  }

  #takeIn(name: string, pkg: DevicePackage, announcement: Announcement): Device {
    const { registry, log } = this.#parts;
    const { protocol, address } = announcement;
    const device = registry.add(name, this.#budget.extend(pkg, announcement), protocol, address);
    log.info({ device: device.id }, `new ${pkg.typeName} at ${protocol} ${address}`);
    if (this.#pending.remove(pendingKey(announcement)) !== undefined) this.#tell();
    return device;
  }

  #wait(announcement: Announcement, reason: RejectionReason, detail: string): Refusal {
    const place = this.#pending.note(announcement, detail);
    if (place === "full") return this.#turnAway(`${this.policy.limits.pending} devices wait already; ${detail}`);
    if (place === "new") {
      this.#parts.log.warn({ device: announcement.name }, `a new device waits to be accepted: ${detail}`);
      this.#tell();
    }
    return { reason, detail };
  }

  #turnAway(detail: string): Refusal {
    this.#turnedAway += 1;
    return { reason: "too-many", detail };
  }

  /** Another package that the device is given without asking; what only an operator may decide is proposed. */
  #betterPackage(device: Device, announcement: Announcement): DevicePackage | undefined {
    const current = installedPackage(device.package);
    const [best, ...others] = this.#parts.shelf.proposals(announcement);
    const isBetter = best !== undefined && isMatch(best) && best.package.id !== current.id;
    const isWanted = isBetter && (isGeneric(current) || (best.by === "type" && !declares(current, announcement)));
    if (!isWanted) {
      this.#upgrades.delete(device.id);
      return undefined;
    }
    if (isGeneric(current) && this.policy.mode !== "manual") return best.package;
    this.#upgrades.set(device.id, [best, ...others]);
    return undefined;
  }

  /** Devices without a package introduce themselves again: what came may be theirs. */
  #newPackage(pkg: DevicePackage): void {
    if (isGeneric(pkg)) return;
    for (const device of this.#parts.registry.all()) if (isGeneric(device.package)) this.#readmit(device);
    for (const [, { protocol, address, state }] of this.#pending.all()) {
      if (state === "pending") this.#readmit({ protocol, address });
    }
  }

  #readmit({ protocol, address }: Pick<Device, "protocol" | "address">): void {
    this.#parts.transportFor(protocol)?.readmit?.(address);
  }

  #shown(key: string, record: PendingRecord): PendingDevice {
    const points = record.offers.map(({ address }) => address);
    const proposals = this.#parts.shelf.proposals({ ...record, points, at: record.lastSeen });
    return { ...record, key, proposals };
  }

  #find(keyOrName: string): [string, PendingRecord] {
    const exact = this.#pending.get(keyOrName);
    if (exact !== undefined) return [keyOrName, exact];
    const namesakes = [...this.#pending.all()].filter(([, { name }]) => name === keyOrName);
    const [only] = namesakes;
    if (only !== undefined && namesakes.length === 1) return only;
    const asked = JSON.stringify(keyOrName.slice(0, 120));
    const others = namesakes.map(([key]) => key).join(", ");
    throw new HostError("device-unknown", `no device ${asked} waits${others === "" ? "" : `; say which: ${others}`}`);
  }

  #packageNamed(name: string | undefined, { proposals, name: device }: PendingDevice): DevicePackage {
    if (name === genericPackageName) return genericPackage;
    if (name === undefined) {
      const [best] = proposals;
      if (best !== undefined) return best.package;
      const what = `name one, or ${genericPackageName} to take it in without`;
      throw new HostError("argument-invalid", `${device}: no package is proposed; ${what}`);
    }
    const chosen = this.#parts.shelf.choices().get(name);
    if (chosen !== undefined) return chosen;
    const asked = JSON.stringify(name.slice(0, 120));
    throw new HostError("argument-invalid", `${device}: there is no package ${asked}; expected id@revision`);
  }

  #audit(by: Principal, device: string, action: string, detail: string): void {
    const { audit, clock } = this.#parts;
    const about = { commandId: "", user: by.user, origin: by.origin, device, action, detail };
    audit.note({ at: clock.now(), kind: "onboarding", ...about });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function declares(pkg: DevicePackage, { declaredType }: Announcement): boolean {
  return declaredType === undefined || pkg.detection.declaredTypes.includes(declaredType);
}
