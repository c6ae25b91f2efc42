import type { Device } from "#fleet/device.ts";
import type { Announcement } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import { type DevicePackage, installedPackage } from "#model/device-package.ts";
import type { OnboardingLimits } from "./onboarding-policy.ts";
import {
  beyondPackage,
  namePoints,
  type SpecificPoint,
  specificPointsOf,
  withSpecificPoints,
} from "./specific-points.ts";

/** Gives devices the points that they have beyond their packages, as far as the limits allow. */
export class PointBudget {
  readonly #limits: OnboardingLimits;
  /** Points beyond packages that devices have now. */
  used = 0;
  /** Points that found no place, each counted whenever it is offered. */
  leftOut = 0;

  constructor(registry: Pick<DeviceRegistry, "all" | "onChange">, limits: OnboardingLimits) {
    this.#limits = limits;
    for (const device of registry.all()) this.used += countOf(device.package);
    registry.onChange(({ kind, device }) => {
      this.used += kind === "added" ? countOf(device.package) : -countOf(device.package);
    });
  }

  /**
   * `pkg` for a device with what it offers: behind its parameters the points that `before` shows already and that the
   * package does not know, under the names they have, and new ones as far as there is room. The very package of `before`
   * when nothing changes.
   */
  extend(pkg: DevicePackage, { protocol, offers = [] }: Announcement, before?: Device): DevicePackage {
    const base = baseOf(pkg, before);
    const fresh = unique(beyondPackage(offers, base, protocol));
    if (fresh.length === 0) return base;
    const shown = specificPointsOf(base, protocol);
    const room = Math.max(0, Math.min(this.#limits.pointsPerDevice - shown.length, this.#limits.points - this.used));
    this.leftOut += Math.max(0, fresh.length - room);
    if (room === 0) return base;
    return withSpecificPoints(base, protocol, [...shown, ...namePoints(fresh.slice(0, room), base)]);
  }
}

/** The package with the points of `before` that it does not know itself. */
function baseOf(pkg: DevicePackage, before: Device | undefined): DevicePackage {
  const installed = installedPackage(pkg);
  if (before === undefined) return installed;
  return installed === installedPackage(before.package) ? before.package : keepSpecificPoints(installed, before);
}

/** `pkg` with the points beyond packages that a device shows now, but for those that `pkg` knows. */
export function keepSpecificPoints(pkg: DevicePackage, { package: current, protocol }: Device): DevicePackage {
  const installed = installedPackage(pkg);
  const shown = specificPointsOf(current, protocol);
  const beyond = new Set(beyondPackage(shown, installed, protocol));
  const kept = shown.filter((point) => beyond.has(point));
  const isFree = ({ name }: SpecificPoint): boolean => !installed.parameterByName.has(name);
  const renamed = namePoints(
    kept.filter((point) => !isFree(point)),
    withSpecificPoints(installed, protocol, kept.filter(isFree)),
  );
  return withSpecificPoints(installed, protocol, [...kept.filter(isFree), ...renamed]);
}

function unique<T extends { readonly address: string }>(points: readonly T[]): T[] {
  return [...new Map(points.map((point) => [point.address, point])).values()];
}

function countOf(pkg: DevicePackage): number {
  return pkg.parameters.length - installedPackage(pkg).parameters.length;
}
