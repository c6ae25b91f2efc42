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
    const ranks = ranksOf(devices.map((device) => this.#keyOf(device, sort)));
    const count = devices.length;
    // Rank and place in one number, so that the sort needs no comparing function; of equal ranks the place decides.
    const order = new Float64Array(count);
    for (let i = 0; i < count; i += 1) order[i] = (descending ? count - (ranks[i] ?? 0) : (ranks[i] ?? 0)) * count + i;
    order.sort();
    return devices.map((device, i) => devices[(order[i] ?? 0) % count] ?? device);
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

/** The place of each key among the different keys. */
function ranksOf(keys: readonly (string | EpochMs)[]): readonly number[] {
  const different = [...new Set(keys)];
  const numbers = different.filter((key) => typeof key === "number");
  const texts = different.filter((key) => typeof key === "string").sort(compareTexts);
  const ordered: readonly (string | number)[] = texts.length > 0 ? texts : [...Float64Array.from(numbers).sort()];
  const rankOf = new Map(ordered.map((key, rank) => [key, rank]));
  return keys.map((key) => rankOf.get(key) ?? 0);
}

/** By code unit: names are ASCII, and a locale's order would differ from machine to machine. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
