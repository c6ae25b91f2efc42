import type { Device } from "#fleet/device.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isBad } from "#model/quality.ts";
import type { FacadeParts, FleetParts } from "#rest/parts.ts";
import { type JsonValue, maybeIsoOf } from "#rest/schemas/common.ts";
import { jsonValueOf } from "#rest/value-json.ts";

type Tree = Map<string, Tree | JsonValue>;

/** The word of the legacy platforms for a device's type. */
export function legacyTypeOf(device: Device): string {
  return legacyTypeOfPackage(device.package);
}

/** The same of a package. */
export function legacyTypeOfPackage({ detection, typeName }: DevicePackage): string {
  return detection.declaredTypes[0] ?? typeName;
}

/** Packages that are in use or were brought in, the newest last; not those that were removed. */
export function offeredPackages({ fleet, packages }: Pick<FacadeParts, "fleet" | "packages">): DevicePackage[] {
  const kept = new Set(packages.list().map(({ key }) => key));
  return [...fleet.shelf.all()].filter((pkg) => kept.has(packageKey(pkg)) || fleet.shelf.isOffered(pkg));
}

/** A device in the list of the legacy package manager, with what the legacy LwM2M server told of it. */
export function legacyDeviceOf({ presence }: FleetParts, device: Device) {
  const { state, lastSeen } = presence.of(device);
  const groups = device.package.parameters.map(({ group }) => group.split("/").at(-1) ?? group);
  return {
    device_id: device.id,
    device_type: legacyTypeOf(device),
    protocol: device.protocol,
    status: state === "online" ? "active" : state,
    last_seen: maybeIsoOf(lastSeen),
    capabilities: [...new Set(groups)],
    endpoint: device.id,
    last_update: maybeIsoOf(lastSeen),
  };
}

/** Values as the device would send them in JSON (`current.phase_a` is `current: {phase_a}`), in the units of that message. */
export function measurementsOf(
  { live }: FleetParts,
  device: Device,
): { readonly timestamp: string | null; readonly measurements: object } {
  const measurements: Tree = new Map();
  let newest = Number.NEGATIVE_INFINITY;
  for (const spec of device.package.parameters) {
    const { value, quality, sourceTime } = live.get(device, spec);
    if (value === undefined || sourceTime === undefined || isBad(quality)) continue;
    newest = Math.max(newest, sourceTime);
    const binding = spec.bindings.json;
    const wire = typeof value === "number" && binding !== undefined ? (value - binding.offset) / binding.scale : value;
    put(measurements, addressOf(spec), jsonValueOf(wire, spec));
  }
  return { timestamp: maybeIsoOf(newest), measurements: objectOf(measurements) };
}

/** What each measurement is, by its place. */
export function mappingOf(device: Device): object {
  const entries = device.package.parameters.map(
    (spec) =>
      [
        addressOf(spec),
        {
          description: spec.description,
          unit: spec.unit?.symbol ?? "",
          access: accessOf(spec),
          fdi_parameter: spec.name,
        },
      ] as const,
  );
  return Object.fromEntries(entries);
}

/** A parameter in the terms of the legacy JSON package. */
export function legacyParameterOf(spec: ParameterSpec) {
  const { dataType } = spec;
  const isPlain = dataType === "boolean" || dataType === "string" || dataType === "float" || dataType === "double";
  const kind = isPlain ? dataType : dataType === "date-time" ? "string" : "integer";
  return {
    name: snake(spec.name),
    description: spec.description,
    data_type: kind,
    unit: spec.unit?.symbol ?? null,
    min_value: spec.range?.low ?? null,
    max_value: spec.range?.high ?? null,
    valid_values: spec.enumeration.length === 0 ? null : spec.enumeration.map(({ value }) => value),
    default_value: jsonValueOf(spec.defaultValue, spec),
    access_level: accessOf(spec),
    category: spec.class === "static" ? "configuration" : spec.enumeration.length > 0 ? "status" : "measurement",
    fdi_parameter: spec.name,
  };
}

/** A parameter by its own name, its legacy name (`voltage_phase_a`) or its place in a message. Throws `parameter-unknown`. */
export function parameterNamed(device: Device, name: string): ParameterSpec {
  const wanted = plain(name);
  const spec = device.package.parameters.find(
    (candidate) =>
      candidate.name === name || plain(candidate.name) === wanted || plain(addressOf(candidate)) === wanted,
  );
  if (spec !== undefined) return spec;
  throw new HostError("parameter-unknown", `${device.id} has no parameter ${JSON.stringify(name.slice(0, 80))}`);
}

/** A command by its own name or its word on the wire. Throws `command-unknown`. */
export function commandNamed(device: Device, name: string): CommandSpec {
  const wanted = plain(name);
  const spec = device.package.commands.find(
    (candidate) => plain(candidate.name) === wanted || candidate.bindings.json?.address === name,
  );
  if (spec !== undefined) return spec;
  throw new HostError("command-unknown", `${device.id} has no command ${JSON.stringify(name.slice(0, 80))}`);
}

export function snake(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

function accessOf({ access }: ParameterSpec): string {
  return access === "read" ? "read_only" : access === "write" ? "write_only" : "read_write";
}

function addressOf(spec: ParameterSpec): string {
  return spec.bindings.json?.address ?? snake(spec.name);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function put(tree: Tree, address: string, value: JsonValue): void {
  const parts = address.split(".");
  const last = parts.pop() ?? address;
  let node = tree;
  for (const part of parts) {
    const next = node.get(part);
    const child: Tree = next instanceof Map ? next : new Map();
    node.set(part, child);
    node = child;
  }
  node.set(last, value);
}

/** Names come from packages: whatever they are, they become own members and nothing else. */
function objectOf(tree: Tree): object {
  return Object.fromEntries([...tree].map(([name, value]) => [name, value instanceof Map ? objectOf(value) : value]));
}
