import type { DeviceId, EpochMs } from "#model/ids.ts";
import type { Device } from "./device.ts";
import type { PresenceRecord, PresenceState } from "./ports.ts";

export interface Presence {
  readonly state: PresenceState;
  /** When the state began. */
  readonly since: EpochMs;
  readonly reason: string;
  /** When its last message arrived, also one before the host started; undefined when none ever did. */
  readonly lastSeen: EpochMs | undefined;
}

interface Standing {
  readonly state: PresenceState;
  readonly since: EpochMs;
  readonly reason: string;
  lastSeen: EpochMs | undefined;
}

export interface PresenceBoardOptions {
  /** When whoever carries the device's protocol tries again to connect; undefined while it is connected. */
  readonly nextAttemptOf?: (device: Device) => EpochMs | undefined;
}

/** How reachable each device is right now, and when it was last heard of. */
export class PresenceBoard {
  readonly #nextAttemptOf: (device: Device) => EpochMs | undefined;
  readonly #byDevice = new Map<Device, Standing>();
  /** What the last run knew of devices that nobody asked about yet. */
  readonly #restored = new Map<DeviceId, Standing>();
  readonly #listeners: ((device: Device) => void)[] = [];

  constructor({ nextAttemptOf = () => undefined }: PresenceBoardOptions = {}) {
    this.#nextAttemptOf = nextAttemptOf;
  }

  of(device: Device): Presence {
    return this.#byDevice.get(device) ?? this.#restoredOf(device) ?? unknownPresence;
  }

  /** Calls `listener` after each change of a state, not for every message. */
  onChange(listener: (device: Device) => void): void {
    this.#listeners.push(listener);
  }

  /** When the host tries again to reach the device; undefined when there is nothing to try: the device has to report. */
  nextRetry(device: Device): EpochMs | undefined {
    return this.of(device).state === "online" ? undefined : this.#nextAttemptOf(device);
  }

  /** Records a state; returns false when it is the one already recorded. `online` also notes that the device was seen. */
  set(device: Device, state: PresenceState, at: EpochMs, reason: string): boolean {
    const before = this.of(device);
    if (before.state === state) {
      if (state === "online") this.seen(device, at);
      return false;
    }
    const lastSeen = state === "online" ? at : before.lastSeen;
    this.#byDevice.set(device, { state, since: at, reason, lastSeen });
    for (const listener of this.#listeners) listener(device);
    return true;
  }

  /** Notes that a message of the device arrived. */
  seen(device: Device, at: EpochMs): void {
    const standing = this.#byDevice.get(device);
    if (standing !== undefined) standing.lastSeen = at;
  }

  /** Takes over what is known of a record that another one replaces. */
  carry(from: Device, to: Device): void {
    const standing = this.#byDevice.get(from);
    if (standing !== undefined) this.#byDevice.set(to, standing);
    this.#byDevice.delete(from);
  }

  /** The device is gone, with all the ways to it. */
  forget(device: Device): void {
    this.#restored.delete(device.id);
    for (const known of this.#byDevice.keys()) {
      if (known === device || known.owner === device) this.#byDevice.delete(known);
    }
  }

  count(state: PresenceState): number {
    let count = 0;
    for (const [device, presence] of this.#byDevice) {
      if (presence.state === state && device.owner === undefined) count += 1;
    }
    return count;
  }

  /**
   * Takes over what the last run knew. A device that was reachable then is stale now: nobody has heard of it since, and
   * `lastSeen` stays what it was.
   */
  restore(records: readonly PresenceRecord[], now: EpochMs): void {
    for (const { id, state, since, reason, lastSeen } of records) {
      const isGone = state === "offline" || state === "retired";
      this.#restored.set(
        id,
        isGone
          ? { state, since, reason, lastSeen }
          : { state: "stale", since: now, reason: "not heard of since the host started", lastSeen },
      );
    }
  }

  /** What the next run should know; devices that have not been asked about keep what was restored. */
  records(): PresenceRecord[] {
    const records = new Map<DeviceId, PresenceRecord>();
    for (const [id, standing] of this.#restored) records.set(id, { id, ...standing });
    for (const [device, standing] of this.#byDevice) {
      if (device.owner === undefined) records.set(device.id, { id: device.id, ...standing });
    }
    return [...records.values()];
  }

  #restoredOf(device: Device): Standing | undefined {
    return device.owner === undefined ? this.#restored.get(device.id) : undefined;
  }
}

const unknownPresence: Presence = {
  state: "unknown",
  since: 0,
  reason: "no message since the host started",
  lastSeen: undefined,
};
