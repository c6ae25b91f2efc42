import type { PresenceState, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { JsonObject } from "#lib/read-json.ts";
import { isJsonObject } from "#lib/read-json.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { EpochMs } from "#model/ids.ts";
import { Registrations } from "#transport/lwm2m/core/registrations.ts";
import { legacyPointsOf } from "#transport/lwm2m/device-points.ts";
import { DeviceTable, maxNewcomers } from "#transport/shared/device-table.ts";
import { SilenceWatch } from "#transport/shared/silence-watch.ts";
import type { LegacyDevice } from "./legacy-device.ts";
import { ObjectTree, offeredResources } from "./object-tree.ts";

export interface LegacyDevicesParts {
  readonly uplink: Uplink;
  readonly clock: Clock;
  /** Longest silence of a device whose package says nothing about it. */
  readonly silenceMs: number;
  readonly maxDevices: number;
  /** Type of a device that declares none, by an object that it has. */
  readonly typeByObject: ReadonlyMap<string, string>;
}

const refusalMs = 10_000;
const defaultLifetimeS = 3_600;

/** The devices of the legacy dialect: which are admitted, registered and alive. */
export class LegacyDevices implements Disposable {
  readonly #parts: LegacyDevicesParts;
  readonly #devices: DeviceTable<LegacyDevice>;
  readonly #silence: SilenceWatch<LegacyDevice>;
  readonly #registrations: Registrations;

  constructor(parts: LegacyDevicesParts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#devices = new DeviceTable({ admitted: parts.maxDevices, newcomers: maxNewcomers });
    this.#silence = new SilenceWatch(clock, (device) => {
      this.#gone(device, "stale", clock.now(), `no message for ${device.limitMs / 1_000} s`);
    });
    this.#registrations = new Registrations({
      clock,
      onExpired: ({ endpoint, lifetimeS }) => {
        const device = this.#devices.get(endpoint);
        const reason = `its registration ended: no update for ${lifetimeS} s`;
        if (device !== undefined) this.#gone(device, "offline", clock.now(), reason);
      },
    });
  }

  find(name: string): LegacyDevice | undefined {
    return this.#devices.get(name);
  }

  of(name: string): LegacyDevice {
    const known = this.#devices.get(name);
    if (known !== undefined) return known;
    const device: LegacyDevice = {
      name,
      record: undefined,
      tree: undefined,
      refusedUntil: 0,
      answeredAt: Number.NEGATIVE_INFINITY,
      lastTime: Number.NEGATIVE_INFINITY,
      lastHeard: 0,
      limitMs: this.#parts.silenceMs,
      isHeard: false,
    };
    this.#devices.add(name, device);
    return device;
  }

  /** True when the fleet knows the device, or admits it now; otherwise the message has been counted as rejected. */
  admit(device: LegacyDevice, objects: JsonObject | undefined): boolean {
    if (device.record !== undefined) return true;
    const { uplink, clock, silenceMs } = this.#parts;
    const now = clock.now();
    if (now < device.refusedUntil) {
      uplink.rejected(device.name, "unknown-device", "not admitted");
      return false;
    }
    if (objects === undefined) {
      uplink.rejected(device.name, "not-announced", "neither registered nor updated yet");
      return false;
    }
    if (this.#devices.isFull) {
      uplink.rejected(device.name, "too-many", "as many devices as are allowed");
      return false;
    }
    const offers = offeredResources(objects);
    const record = uplink.announced({
      protocol: "lwm2m",
      name: device.name,
      address: device.name,
      declaredType: this.#typeOf(objects),
      points: offers.flatMap(({ address, aliases = [] }) => [address, ...aliases]),
      offers,
      at: now,
    });
    if (record === undefined) {
      device.refusedUntil = now + refusalMs;
      return false;
    }
    device.record = record;
    this.#devices.admit(device.name);
    device.tree = new ObjectTree(legacyPointsOf(record.package));
    device.limitMs = silenceLimitOf(record.package, silenceMs);
    this.#silence.add(device);
    return true;
  }

  /** Starts the lifetime over, with a new length where one is given; returns it in seconds. */
  renew(device: LegacyDevice, lifetimeS: number | undefined): number {
    const known = this.#registrations.update(device.name, lifetimeS === undefined ? {} : { lifetimeS });
    if (known !== undefined) return known.lifetimeS;
    return this.#registrations.register({
      endpoint: device.name,
      lifetimeS: lifetimeS ?? defaultLifetimeS,
      version: "1.2",
      binding: undefined,
      isQueueMode: false,
      links: { rootPath: "", formats: [], links: [] },
    }).lifetimeS;
  }

  heard(device: LegacyDevice, at: EpochMs): void {
    device.lastHeard = at;
    device.isHeard = true;
    if (device.record !== undefined) this.#parts.uplink.presence(device.record, "online", at, "it reports");
  }

  left(device: LegacyDevice, at: EpochMs): void {
    this.#registrations.remove(device.name);
    this.#gone(device, "offline", at, "it deregistered");
  }

  lost(cause: string): void {
    for (const device of this.#devices.values()) {
      if (device.isHeard) this.#gone(device, "stale", this.#parts.clock.now(), `broker connection lost: ${cause}`);
    }
  }

  readmit(name: string): void {
    const device = this.#devices.get(name);
    if (device === undefined) return;
    this.#silence.remove(device);
    this.#devices.dismiss(name);
    device.record = undefined;
    device.tree = undefined;
    device.refusedUntil = 0;
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
    this.#registrations[Symbol.dispose]();
  }

  #gone(device: LegacyDevice, state: PresenceState, at: EpochMs, reason: string): void {
    device.isHeard = false;
    // Its values are marked: when it is back, the unchanged ones are news again.
    device.tree?.reset();
    if (device.record !== undefined) this.#parts.uplink.presence(device.record, state, at, reason);
  }

  /** Resource 17 of the device object, else by an object that only this type has. */
  #typeOf(objects: JsonObject): string | undefined {
    const instances = objects["3"];
    const device = isJsonObject(instances) ? instances["0"] : undefined;
    const declared = isJsonObject(device) ? device["17"] : undefined;
    if (typeof declared === "string" && declared !== "") return declared.slice(0, 128);
    for (const [object, type] of this.#parts.typeByObject) if (Object.hasOwn(objects, object)) return type;
    return undefined;
  }
}

function silenceLimitOf(pkg: DevicePackage, fallbackMs: number): number {
  const seconds = Number(pkg.hostSettings.find(({ name }) => name === "SilenceTimeout")?.value);
  return seconds > 0 ? seconds * 1_000 : fallbackMs;
}
