import type { DevicePackage } from "#model/device-package.ts";
import { breakerObjectId, protectionObjectId } from "#transport/lwm2m/core/standard-objects.ts";
import { type WirePoint, wirePointOf } from "#transport/shared/wire-value.ts";

/**
 * The same object under another id. In the legacy dialect, and only there, breakers use ids that OMA has given to digital
 * inputs and outputs.
 */
const legacyObjects: ReadonlyMap<number, number> = new Map([
  [breakerObjectId, 3200],
  [protectionObjectId, 3201],
]);

/** Resources of the registered meter object that measure what ours measures: phases R, S, T are A, B, C. */
const meterAliases: readonly (readonly [meter: string, ours: string])[] = [
  ["/10242/0/4", `/${breakerObjectId}/0/4`],
  ["/10242/0/5", `/${breakerObjectId}/0/1`],
  ["/10242/0/14", `/${breakerObjectId}/0/5`],
  ["/10242/0/15", `/${breakerObjectId}/0/2`],
  ["/10242/0/24", `/${breakerObjectId}/0/6`],
  ["/10242/0/25", `/${breakerObjectId}/0/3`],
];

/** Parameters by resource path, e.g. `/42769/0/1`. */
export type PointsByPath = ReadonlyMap<string, WirePoint>;

const boundPoints = new WeakMap<DevicePackage, PointsByPath>();
const legacyPoints = new WeakMap<DevicePackage, PointsByPath>();

/** The parameters of a package by the resource they are bound to. */
export function pointsOf(pkg: DevicePackage): PointsByPath {
  return cached(boundPoints, pkg, () => {
    const points = new Map<string, WirePoint>();
    for (const spec of pkg.parameters) {
      const binding = spec.bindings.lwm2m;
      if (binding !== undefined) points.set(binding.address, wirePointOf(spec, binding));
    }
    return points;
  });
}

/** The same for the legacy dialect, with its object ids beside those of the package. */
export function legacyPointsOf(pkg: DevicePackage): PointsByPath {
  return cached(legacyPoints, pkg, () => {
    const points = new Map(pointsOf(pkg));
    for (const [path, point] of pointsOf(pkg)) {
      const alias = legacyPath(path);
      if (!points.has(alias)) points.set(alias, point);
    }
    return points;
  });
}

function cached(
  cache: WeakMap<DevicePackage, PointsByPath>,
  pkg: DevicePackage,
  make: () => PointsByPath,
): PointsByPath {
  let points = cache.get(pkg);
  if (points === undefined) {
    points = make();
    cache.set(pkg, points);
  }
  return points;
}

/** The points of a client that has the meter object instead of ours: phase values come from there. */
export function withMeter(points: PointsByPath): PointsByPath {
  const all = new Map(points);
  for (const [meter, ours] of meterAliases) {
    const point = points.get(ours);
    if (point !== undefined && !all.has(meter)) all.set(meter, point);
  }
  return all;
}

/** The resource of ours that measures what a resource of the meter measures. */
export function meterAlias(path: string): string | undefined {
  return meterAliases.find(([meter]) => meter === path)?.[1];
}

/** A path as the legacy dialect writes it. */
export function legacyPath(path: string): string {
  return withObject(path, (object) => legacyObjects.get(object));
}

/** A path of the legacy dialect as packages write it. */
export function standardPath(path: string): string {
  return withObject(path, (object) => [...legacyObjects].find(([, legacy]) => legacy === object)?.[0]);
}

function withObject(path: string, translated: (object: number) => number | undefined): string {
  const [, object = "", ...rest] = path.split("/");
  const other = translated(Number(object));
  return other === undefined ? path : `/${[other, ...rest].join("/")}`;
}
