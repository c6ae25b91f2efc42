import type { Device } from "#fleet/device.ts";
import type {
  Announcement,
  DeviceEvent,
  PresenceState,
  RejectionReason,
  TransportNotice,
  Uplink,
} from "#fleet/ports.ts";
import type { CommandAck } from "#model/command.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { deviceId } from "#model/ids.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { breakerPackage } from "./breaker-package.ts";

/** What a sample says, for comparisons: `H` marks history only. */
export interface SeenSample {
  readonly device: string;
  readonly name: string;
  readonly value: number | string;
  readonly time: number;
  readonly quality: number;
  readonly historical: boolean;
}

/** Admits every device that declares the package's type and writes down all that it is told. */
export class RecordingUplink implements Uplink {
  readonly announcements: Announcement[] = [];
  readonly seen: SeenSample[] = [];
  readonly presences: string[] = [];
  readonly acks: CommandAck[] = [];
  readonly rejections: string[] = [];
  /** Everything in the order in which it came, one word each. */
  readonly order: string[] = [];
  messages = 0;
  /** Messages taken in. */
  taken = 0;
  readonly flaws: string[] = [];
  readonly events: DeviceEvent[] = [];
  readonly notices: TransportNotice[] = [];
  readonly #devices = new Map<string, Device>();
  readonly #states = new Map<Device, PresenceState>();
  readonly #package: DevicePackage;

  constructor(pkg: DevicePackage = breakerPackage) {
    this.#package = pkg;
  }

  device(address: string): Device {
    const device = this.#devices.get(address);
    if (device === undefined) throw new Error(`${address} was not admitted`);
    return device;
  }

  /** `CurrentPhaseA=41.5` for each sample; `H:` before those for history only. */
  get values(): string[] {
    return this.seen.map(({ name, value, historical }) => `${historical ? "H:" : ""}${name}=${value}`);
  }

  announced = (announcement: Announcement): Device | undefined => {
    this.announcements.push(announcement);
    this.order.push("announced");
    if (announcement.declaredType !== "test/breaker") {
      this.rejections.push(`unknown-device ${announcement.address}: no package`);
      return undefined;
    }
    const { address, name, protocol } = announcement;
    const known = this.#devices.get(address);
    if (known !== undefined) return known;
    const device: Device = { id: deviceId(name), package: this.#package, protocol, address, firstSlot: 0 };
    this.#devices.set(address, device);
    return device;
  };

  samples: Uplink["samples"] = (device, batch) => {
    this.order.push("samples");
    for (let i = 0; i < batch.size; i += 1) {
      this.seen.push({
        device: device.id,
        name: this.#package.parameters[batch.parameters[i] ?? -1]?.name ?? "?",
        value: batch.texts[i] ?? batch.values[i] ?? Number.NaN,
        time: batch.times[i] ?? Number.NaN,
        quality: batch.qualities[i] ?? -1,
        historical: ((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0,
      });
    }
  };

  presence: Uplink["presence"] = (device, state, at, reason) => {
    // Repeating a state says only that the device was heard of.
    if (this.#states.get(device) === state) return;
    this.#states.set(device, state);
    this.order.push(state);
    this.presences.push(`${device.id} ${state} ${at} ${reason}`);
  };

  acknowledged: Uplink["acknowledged"] = (_device, ack) => {
    this.acks.push(ack);
  };

  event = (_device: Device, event: DeviceEvent): void => {
    this.events.push(event);
  };

  notice = (notice: TransportNotice): void => {
    this.notices.push(notice);
  };

  received = (): void => {
    this.messages += 1;
  };

  accepted = (): void => {
    this.taken += 1;
  };

  rejected = (source: string, reason: RejectionReason, detail: string): void => {
    this.rejections.push(`${reason} ${source}: ${detail}`);
  };

  flawed = (source: string, reason: RejectionReason, detail: string): void => {
    this.flaws.push(`${reason} ${source}: ${detail}`);
  };
}
