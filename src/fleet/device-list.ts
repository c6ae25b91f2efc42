import type { EpochMs } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";
import type { PresenceState } from "./ports.ts";
import type { Presence, PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";
import { positionOf } from "./switch-position.ts";

/** Position of the main contacts in words, by its number (Dbpos of IEC 61850-7-3). */
export const switchPositions = ["intermediate", "open", "closed", "unknown"] as const;
export type SwitchPosition = (typeof switchPositions)[number];

export const deviceSortKeys = ["id", "type", "presence", "lastSeen", "position"] as const;
export type DeviceSortKey = (typeof deviceSortKeys)[number];

/** A question for devices; every part that is absent lets all pass. */
export interface DeviceQuery {
  /** Part of the name, the address, the type or the model, in any case. */
  readonly search?: string | undefined;
  readonly presence?: readonly PresenceState[] | undefined;
  readonly protocol?: Protocol | undefined;
  /** Name of the device type. */
  readonly type?: string | undefined;
  /** Id of the package. */
  readonly package?: string | undefined;
  readonly position?: SwitchPosition | undefined;
  readonly sort: DeviceSortKey;
  readonly descending: boolean;
  /** From 0. */
  readonly offset: number;
  readonly limit: number;
}

export interface DeviceRow {
  readonly device: Device;
  readonly presence: Presence;
  readonly position: SwitchPosition;
}

export interface DevicePage {
  readonly rows: readonly DeviceRow[];
  /** Devices that the filters let pass. */
  readonly total: number;
}

export interface DeviceListParts {
  readonly registry: DeviceRegistry;
  readonly presence: PresenceBoard;
  readonly live: LiveValues;
}

/** Finds devices by what people ask for: filtered, sorted, a page at a time. Made for tens of thousands of devices. */
export class DeviceList {
  readonly #parts: DeviceListParts;
  /** Every device by name; made anew after the registry changed. */
  #byName: readonly Device[] | undefined;
  readonly #texts = new WeakMap<Device, string>();

  constructor(parts: DeviceListParts) {
    this.#parts = parts;
    parts.registry.onChange(() => (this.#byName = undefined));
  }

  page(query: DeviceQuery): DevicePage {
    const passed = this.#sorted(this.#filtered(query), query);
    const rows = passed.slice(query.offset, query.offset + query.limit).map((device) => this.rowOf(device));
    return { rows, total: passed.length };
  }

  rowOf(device: Device): DeviceRow {
    return { device, presence: this.#parts.presence.of(device), position: this.positionOf(device) };
  }

  positionOf(device: Device): SwitchPosition {
    return switchPositions[positionOf(device, this.#parts.live)] ?? "unknown";
  }

  /** Everything that a device can be found by, in lower case. */
  #textOf(device: Device): string {
    let text = this.#texts.get(device);
    if (text === undefined) {
      const { id, address, package: pkg } = device;
      text = [id, address, pkg.typeName, pkg.identity.model].join("\n").toLowerCase();
      this.#texts.set(device, text);
    }
    return text;
  }

  #all(): readonly Device[] {
    this.#byName ??= [...this.#parts.registry.all()].sort((a, b) => compareTexts(a.id, b.id));
    return this.#byName;
  }

  #filtered({ search, presence, protocol, type, package: packageId, position }: DeviceQuery): readonly Device[] {
    const words = search?.toLowerCase();
    const hasFilter = [words, presence, protocol, type, packageId, position].some((part) => part !== undefined);
    if (!hasFilter) return this.#all();
    return this.#all().filter(
      (device) =>
        (protocol === undefined || device.protocol === protocol) &&
        (type === undefined || device.package.typeName === type) &&
        (packageId === undefined || device.package.id === packageId) &&
        (presence === undefined || presence.includes(this.#parts.presence.of(device).state)) &&
        (position === undefined || this.positionOf(device) === position) &&
        (words === undefined || this.#textOf(device).includes(words)),
    );
  }

  /** Equal ones stay in the order of their names. */
  #sorted(devices: readonly Device[], { sort, descending }: DeviceQuery): readonly Device[] {
    if (sort === "id") return descending ? devices.toReversed() : devices;
    const keys = devices.map((device) => this.#keyOf(device, sort));
    const order = Uint32Array.from(devices.keys());
    const sign = descending ? -1 : 1;
    order.sort((a, b) => sign * compareKeys(keys[a], keys[b]) || a - b);
    return Array.from(order, (i) => devices[i]).filter((device) => device !== undefined);
  }

  #keyOf(device: Device, sort: Exclude<DeviceSortKey, "id">): string | EpochMs {
    switch (sort) {
      case "type":
        return device.package.typeName;
      case "presence":
        return this.#parts.presence.of(device).state;
      case "lastSeen":
        return this.#parts.presence.of(device).lastSeen ?? 0;
      case "position":
        return this.positionOf(device);
    }
  }
}

function compareKeys(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  return Number(a) - Number(b);
}

/** By code unit: names are ASCII, and a locale's order would differ from machine to machine. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
