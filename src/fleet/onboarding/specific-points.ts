import type { OfferedPoint } from "#fleet/ports.ts";
import type { DataType } from "#model/data-type.ts";
import { definePackage } from "#model/define-package.ts";
import { type DevicePackage, installedPackage, packageKey } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";
import { unitNamed } from "#model/unit.ts";

/** The functional group of points that only the device knows of. */
export const specificGroup = "DeviceSpecific";

/** A point that a device has beyond its package, under the name it was given when it was first seen. */
export interface SpecificPoint extends OfferedPoint {
  /** Name of the parameter, e.g. `Breaker.Humidity` for the metric `Breaker/Humidity`. */
  readonly name: string;
}

/** Longer addresses are not shown: they would be the names of nodes. */
export const maxAddressLength = 200;

/** Names of the nodes that every device has below it; a point must not take one of them. */
const nodeNames: readonly string[] = [
  "Alarms",
  "ConnectionPoint",
  "Groups",
  "Health",
  "Lock",
  "MethodSet",
  "Nameplate",
  "ParameterSet",
  "Software",
];

const addressesByPackage = new WeakMap<DevicePackage, Map<Protocol, ReadonlySet<string>>>();

/** Everything that a package means something by in a protocol: its parameters, commands, their arguments and its events. */
function knownAddresses(pkg: DevicePackage, protocol: Protocol): ReadonlySet<string> {
  const known = addressesByPackage.get(pkg) ?? new Map<Protocol, ReadonlySet<string>>();
  addressesByPackage.set(pkg, known);
  let addresses = known.get(protocol);
  if (addresses === undefined) {
    const all = [
      ...pkg.parameters.map(({ bindings }) => bindings[protocol]?.address),
      ...pkg.commands.map(({ bindings }) => bindings[protocol]?.address),
      ...pkg.commands.flatMap(({ inputs }) => inputs.map((input) => input.addresses[protocol])),
    ];
    addresses = new Set(all.filter((address) => address !== undefined));
    known.set(protocol, addresses);
  }
  return addresses;
}

/** What a device offers that its package says nothing of, in the order of the offer. */
export function beyondPackage(
  offers: readonly OfferedPoint[],
  pkg: DevicePackage,
  protocol: Protocol,
): readonly OfferedPoint[] {
  const known = knownAddresses(pkg, protocol);
  return offers.filter(({ address, aliases = [] }) => {
    if (address === "" || address.length > maxAddressLength || known.has(address)) return false;
    return !aliases.some((alias) => known.has(alias));
  });
}

/** The points that were added to a package for a device. */
export function specificPointsOf(pkg: DevicePackage, protocol: Protocol): SpecificPoint[] {
  return pkg.parameters.slice(installedPackage(pkg).parameters.length).map((spec) => ({
    name: spec.name,
    address: spec.bindings[protocol]?.address ?? "",
    dataType: spec.dataType,
    unit: spec.unit?.symbol,
    low: spec.range?.low,
    high: spec.range?.high,
  }));
}

/** Gives new points names that are not taken in the package, by other points or by nodes of every device. */
export function namePoints(offers: readonly OfferedPoint[], pkg: DevicePackage): SpecificPoint[] {
  const taken = new Set([...pkg.parameterByName.keys(), ...pkg.commandByName.keys(), ...nodeNames]);
  return offers.map((offer) => {
    const wanted = nameOf(offer.address);
    let name = wanted;
    for (let n = 2; taken.has(name); n += 1) name = `${wanted}_${n}`;
    taken.add(name);
    return { ...offer, name };
  });
}

/** `Breaker/Phase A (rms)` -> `Breaker.Phase_A_rms`: characters that do not disturb in tag lists. */
function nameOf(address: string): string {
  const words = address
    .replaceAll("/", ".")
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "_")
    .replaceAll(/^[_.-]+|[_.-]+$/g, "");
  return words === "" ? "Point" : words.slice(0, 100);
}

/** Packages that were made not long ago: devices with the same points share one. */
const recent = new Map<string, DevicePackage>();
const maxRecent = 500;

/** `pkg` as it was installed with `points` behind its parameters: read-only, and only for reading in `protocol`. */
export function withSpecificPoints(
  pkg: DevicePackage,
  protocol: Protocol,
  points: readonly SpecificPoint[],
): DevicePackage {
  const base = installedPackage(pkg);
  if (points.length === 0) return base;
  const key = JSON.stringify([packageKey(base), protocol, points]);
  const known = recent.get(key);
  recent.delete(key);
  const extended = known?.base === base ? known : extend(base, protocol, points);
  recent.set(key, extended);
  for (const oldest of recent.keys()) if (recent.size > maxRecent) recent.delete(oldest);
  return extended;
}

function extend(base: DevicePackage, protocol: Protocol, points: readonly SpecificPoint[]): DevicePackage {
  const { parameterByName: _parameters, commandByName: _commands, base: _base, ...definition } = base;
  const first = base.parameters.length;
  const added = points.map((point, i) => parameterOf(point, first + i, protocol));
  return { ...definePackage({ ...definition, parameters: [...base.parameters, ...added] }), base };
}

const numeric: ReadonlySet<DataType> = new Set<DataType>([
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "float",
  "double",
]);

function parameterOf(point: SpecificPoint, index: number, protocol: Protocol): ParameterSpec {
  const { name, address, dataType, low = Number.NaN, high = Number.NaN } = point;
  const isNumber = numeric.has(dataType);
  const unit = isNumber && point.unit !== undefined ? unitNamed(point.unit) : undefined;
  const hasForeignUnit = point.unit !== undefined && point.unit !== "" && unit === undefined;
  return {
    name,
    index,
    displayName: address,
    description: hasForeignUnit ? `In ${point.unit?.slice(0, 40)}; as the device offers it` : "As the device offers it",
    dataType,
    ...(unit === undefined ? {} : { unit }),
    ...(isNumber && low < high ? { range: { low, high } } : {}),
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: specificGroup,
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: { [protocol]: { address, scale: 1, offset: 0 } },
  };
}
