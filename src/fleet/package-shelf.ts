import { type DevicePackage, packageKey } from "#model/device-package.ts";
import type { Announcement } from "./ports.ts";

/** Share of a package's bound points that a device without a declared type must offer to be recognised. */
const minimumScore = 0.8;

/** The device packages in use, and which of them fits a device that introduces itself. */
export class PackageShelf {
  readonly #byKey = new Map<string, DevicePackage>();
  /** Packages that new devices may get; the last one put is asked first. */
  readonly #offered = new Map<string, DevicePackage>();
  readonly #listeners: ((pkg: DevicePackage) => void)[] = [];

  /** Puts a package on the shelf; with `forNewDevices` false only for the devices that have it already. */
  put(pkg: DevicePackage, forNewDevices = true): void {
    const key = packageKey(pkg);
    const isNew = !this.#byKey.has(key);
    this.#byKey.set(key, pkg);
    this.#offered.delete(key);
    if (forNewDevices) this.#offered.set(key, pkg);
    if (isNew) for (const listener of this.#listeners) listener(pkg);
  }

  /** New devices do not get this package any more; devices that have it keep it. */
  withdraw(key: string): void {
    this.#offered.delete(key);
  }

  /** Calls `listener` for every package that was not on the shelf before. */
  onNew(listener: (pkg: DevicePackage) => void): void {
    this.#listeners.push(listener);
  }

  all(): IterableIterator<DevicePackage> {
    return this.#byKey.values();
  }

  find(id: string, revision: string): DevicePackage | undefined {
    return this.#byKey.get(packageKey({ id, revision }));
  }

  /** The package a device belongs to: by its declared type, else by the points it offers; undefined when none fits. */
  match(announcement: Announcement): DevicePackage | undefined {
    const { declaredType } = announcement;
    const candidates = [...this.#offered.values()].toReversed();
    if (declaredType !== undefined) {
      const declared = candidates.find((pkg) => pkg.detection.declaredTypes.includes(declaredType));
      if (declared !== undefined) return declared;
    }
    const offered = new Set(announcement.points);
    let best: DevicePackage | undefined;
    let bestScore = minimumScore;
    for (const pkg of candidates) {
      const score = scoreOf(pkg, announcement, offered);
      if (score > bestScore) [best, bestScore] = [pkg, score];
    }
    return best;
  }
}

function scoreOf(pkg: DevicePackage, announcement: Announcement, offered: ReadonlySet<string>): number {
  let bound = 0;
  let found = 0;
  for (const parameter of pkg.parameters) {
    const binding = parameter.bindings[announcement.protocol];
    if (binding === undefined) continue;
    bound += 1;
    if (offered.has(binding.address)) found += 1;
  }
  return bound === 0 ? 0 : found / bound;
}
