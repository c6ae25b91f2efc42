import { type DevicePackage, packageKey } from "#model/device-package.ts";
import type { Announcement } from "./ports.ts";

/** Share of a package's bound points that a device without a declared type must offer to be recognised. */
const minimumScore = 0.8;

/** A package that a device could be of. */
export interface PackageProposal {
  readonly package: DevicePackage;
  /** 0 to 1: 1 when the device names it, else the share of the package's points that it offers. */
  readonly score: number;
  /** What speaks for it: the type the device declares, a type definition its points refer to, or its points. */
  readonly by: "type" | "reference" | "points";
}

/** Below this share the points say nothing. */
const leastScore = 0.1;
const maxProposals = 5;

/** The device packages in use, and which of them fits a device that introduces itself. */
export class PackageShelf {
  readonly #byKey = new Map<string, DevicePackage>();
  /** Packages that new devices may get; the last one put is asked first. */
  readonly #offered = new Map<string, DevicePackage>();
  /** Only for the devices that have them. */
  readonly #retired = new Set<string>();
  readonly #listeners: ((pkg: DevicePackage) => void)[] = [];
  readonly #goneListeners: ((pkg: DevicePackage) => void)[] = [];

  /** Puts a package on the shelf; with `forNewDevices` false only for the devices that have it already. */
  put(pkg: DevicePackage, forNewDevices = true): void {
    const key = packageKey(pkg);
    const isNew = !this.#byKey.has(key);
    this.#byKey.set(key, pkg);
    this.#offered.delete(key);
    this.#retired.delete(key);
    if (forNewDevices) this.#offered.set(key, pkg);
    if (isNew) for (const listener of this.#listeners) listener(pkg);
  }

  /** New devices do not get this package by themselves any more, but when somebody chooses it. */
  withdraw(key: string): void {
    this.#offered.delete(key);
  }

  /** No device gets this package any more; devices that have it keep it. */
  retire(key: string): void {
    this.withdraw(key);
    this.#retired.add(key);
  }

  /** Takes a package that no device has off the shelf. */
  remove(key: string): void {
    const pkg = this.#byKey.get(key);
    this.withdraw(key);
    this.#retired.delete(key);
    this.#byKey.delete(key);
    if (pkg !== undefined) for (const listener of this.#goneListeners) listener(pkg);
  }

  /** Calls `listener` for every package that was not on the shelf before. */
  onNew(listener: (pkg: DevicePackage) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` for every package that was taken off the shelf. */
  onGone(listener: (pkg: DevicePackage) => void): void {
    this.#goneListeners.push(listener);
  }

  all(): IterableIterator<DevicePackage> {
    return this.#byKey.values();
  }

  /** True when new devices may get exactly this package. */
  isOffered(pkg: DevicePackage): boolean {
    return this.#offered.get(packageKey(pkg)) === pkg;
  }

  /** The revision of a package that new devices get; undefined when there is none. */
  offeredOf(id: string): DevicePackage | undefined {
    return [...this.#offered.values()].findLast((pkg) => pkg.id === id);
  }

  /** The packages that somebody may choose for a device, by key (`acme/feeder-breaker@1.1.0`). */
  choices(): ReadonlyMap<string, DevicePackage> {
    return new Map([...this.#byKey].filter(([key]) => !this.#retired.has(key)));
  }

  find(id: string, revision: string): DevicePackage | undefined {
    return this.#byKey.get(packageKey({ id, revision }));
  }

  /** The package a device belongs to: by its declared type, else by the points it offers; undefined when none fits. */
  match(announcement: Announcement): DevicePackage | undefined {
    const [best] = this.proposals(announcement);
    return best !== undefined && isMatch(best) ? best.package : undefined;
  }

  /** The packages a device could be of, the best first; of equals the one put last. */
  proposals(announcement: Announcement): PackageProposal[] {
    const offered = new Set(announcement.points);
    const proposals = [...this.#offered.values()].toReversed().map((pkg) => proposalOf(pkg, announcement, offered));
    return proposals
      .filter(({ score }) => score >= leastScore)
      .sort((a, b) => rank[a.by] - rank[b.by] || b.score - a.score)
      .slice(0, maxProposals);
  }
}

const rank = { type: 0, reference: 1, points: 2 } satisfies Record<PackageProposal["by"], number>;

/** True when a proposal is good enough to be taken without asking. */
export function isMatch({ by, score }: PackageProposal): boolean {
  return by !== "points" || score > minimumScore;
}

function proposalOf(pkg: DevicePackage, announcement: Announcement, offered: ReadonlySet<string>): PackageProposal {
  const { declaredTypes } = pkg.detection;
  const { declaredType, references = [] } = announcement;
  if (declaredType !== undefined && declaredTypes.includes(declaredType)) return { package: pkg, score: 1, by: "type" };
  if (references.some((name) => declaredTypes.includes(name))) return { package: pkg, score: 1, by: "reference" };
  return { package: pkg, score: scoreOf(pkg, announcement, offered), by: "points" };
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
