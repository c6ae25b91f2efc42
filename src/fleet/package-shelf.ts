import { type DevicePackage, packageKey } from "#model/device-package.ts";
import type { Announcement } from "./ports.ts";

/** Share of a package's bound points that a device without a declared type must offer to be recognised. */
const minimumScore = 0.8;

/** The device packages in use, and which of them fits a device that introduces itself. */
export class PackageShelf {
  readonly #byKey = new Map<string, DevicePackage>();

  put(pkg: DevicePackage): void {
    this.#byKey.set(packageKey(pkg), pkg);
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
    const candidates = [...this.#byKey.values()].toReversed();
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
