import type { Device } from "#fleet/device.ts";
import { isGeneric } from "#fleet/onboarding/generic-package.ts";
import type { Announcement, OfferedPoint, PresenceState, RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { JsonObject } from "#lib/read-json.ts";
import { DeviceTable, maxNewcomers } from "#transport/shared/device-table.ts";
import { SilenceWatch } from "#transport/shared/silence-watch.ts";
import { jsonBindingsOf } from "./binding-tree.ts";
import { type DetectionRule, detectedType } from "./detect-type.ts";
import { type JsonDevice, newJsonDevice, silenceLimitOf } from "./json-device.ts";
import { addressesOf, offeredFields, offeredPoints } from "./offered-points.ts";
import { addressOf, type UplinkTopic } from "./topic.ts";

export interface JsonDevicesOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly detectionRules: readonly DetectionRule[];
  readonly silenceMs: number;
  /** Devices that are admitted. */
  readonly maxDevices: number;
}

/** What a message says about the type of its sender. */
export interface Introduction {
  readonly declaredType: string | undefined;
  /** Its values; undefined when the message carries none, so that nothing can be concluded from it. */
  readonly body: JsonObject | undefined;
  readonly at: number;
}

/** A device that was refused is proposed again after this time: its package may have come meanwhile. */
const refusalMs = 10_000;

/** The devices that were heard of: which of them are admitted, and which are alive. */
export class JsonDevices implements Disposable {
  readonly #options: JsonDevicesOptions;
  readonly #devices: DeviceTable<JsonDevice>;
  readonly #silence: SilenceWatch<JsonDevice>;

  constructor(options: JsonDevicesOptions) {
    this.#options = options;
    this.#devices = new DeviceTable({ admitted: options.maxDevices, newcomers: maxNewcomers });
    this.#silence = new SilenceWatch(options.clock, (device) => {
      this.#tell(device, "stale", `no message for ${device.limitMs / 1_000} s`);
    });
  }

  find(address: string): JsonDevice | undefined {
    return this.#devices.get(address);
  }

  of(topic: UplinkTopic): JsonDevice {
    const address = addressOf(topic);
    const known = this.#devices.get(address);
    if (known !== undefined) return known;
    const device = newJsonDevice(topic.device, topic.family, address, this.#options.silenceMs);
    this.#devices.add(address, device);
    return device;
  }

  /** True when the fleet knows the device, or admits it now; otherwise the message has been counted as rejected. */
  admit(device: JsonDevice, { declaredType, body, at }: Introduction): boolean {
    if (device.record !== undefined) return true;
    const { uplink, clock, detectionRules } = this.#options;
    const now = clock.now();
    if (now < device.refusedUntil) return this.#reject(device, "unknown-device", "not admitted");
    if (this.#devices.isFull) return this.#reject(device, "too-many", "as many devices as are allowed");
    const type = declaredType ?? detectedType(detectionRules, device.family, Object.keys(body ?? {}));
    if (type === undefined && body === undefined)
      return this.#reject(device, "not-announced", "no telemetry of it yet");
    device.declaredType = type;
    const record = uplink.announced(announcementOf(device, body === undefined ? [] : offeredPoints(body), at));
    if (record === undefined) {
      device.refusedUntil = now + refusalMs;
      return false;
    }
    this.#devices.admit(device.address);
    this.#know(device, record);
    this.#silence.add(device);
    return true;
  }

  /** Tells the fleet, now and then, what a device without a package sends that it did not offer at first. */
  offerMore(device: JsonDevice, at: number): void {
    if (device.unmapped.size <= device.toldFields || device.record === undefined) return;
    const { uplink, clock } = this.#options;
    const now = clock.now();
    if (now < device.quietUntil || !isGeneric(device.record.package)) return;
    device.toldFields = device.unmapped.size;
    device.quietUntil = now + refusalMs;
    const offers = offeredFields(device.unmapped.entries());
    const record = uplink.announced({ ...announcementOf(device, offers, at), isMessage: false });
    if (record !== undefined && record !== device.record) this.#know(device, record);
  }

  /** A message of the device arrived just now. */
  heard(device: JsonDevice, at: number): void {
    device.lastHeard = at;
    device.isHeard = true;
    this.#tell(device, "online", "it reports");
  }

  /** The device said goodbye, or the broker did for it. */
  left(device: JsonDevice, at: number, reason: string): void {
    device.isHeard = false;
    if (device.record !== undefined) this.#options.uplink.presence(device.record, "offline", at, reason);
  }

  /** Nobody can be heard any more. */
  lost(cause: string): void {
    for (const device of this.#devices.values()) {
      if (!device.isHeard) continue;
      device.isHeard = false;
      this.#tell(device, "stale", cause);
    }
  }

  /** Lets the device introduce itself again with its next message. */
  readmit(address: string): void {
    const device = this.#devices.get(address);
    if (device === undefined) return;
    this.#silence.remove(device);
    this.#devices.dismiss(address);
    device.record = undefined;
    device.bindings = undefined;
    device.refusedUntil = 0;
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
  }

  #know(device: JsonDevice, record: Device): void {
    device.record = record;
    device.bindings = jsonBindingsOf(record.package);
    device.limitMs = silenceLimitOf(record.package, this.#options.silenceMs);
  }

  #tell(device: JsonDevice, state: PresenceState, reason: string): void {
    const { uplink, clock } = this.#options;
    if (device.record !== undefined) uplink.presence(device.record, state, clock.now(), reason);
  }

  #reject(device: JsonDevice, reason: RejectionReason, detail: string): false {
    this.#options.uplink.rejected(device.name, reason, detail);
    return false;
  }
}

function announcementOf(device: JsonDevice, offers: readonly OfferedPoint[], at: number): Announcement {
  const { name, address, declaredType } = device;
  return { protocol: "json", name, address, declaredType, points: addressesOf(offers), offers, at };
}
