import type { EpochMs } from "#model/ids.ts";
import type { Device } from "./device.ts";
import type { PresenceState } from "./ports.ts";

export interface Presence {
  readonly state: PresenceState;
  /** When the state began. */
  readonly since: EpochMs;
  readonly reason: string;
}

const unknownPresence: Presence = { state: "unknown", since: 0, reason: "no message since the host started" };

/** How reachable each device is right now. */
export class PresenceBoard {
  readonly #byDevice = new Map<Device, Presence>();

  of(device: Device): Presence {
    return this.#byDevice.get(device) ?? unknownPresence;
  }

  /** Records a state; returns false when it is the one already recorded. */
  set(device: Device, state: PresenceState, at: EpochMs, reason: string): boolean {
    if (this.of(device).state === state) return false;
    this.#byDevice.set(device, { state, since: at, reason });
    return true;
  }

  forget(device: Device): void {
    this.#byDevice.delete(device);
  }

  count(state: PresenceState): number {
    let count = 0;
    for (const presence of this.#byDevice.values()) if (presence.state === state) count += 1;
    return count;
  }
}
