import type { Device } from "#fleet/device.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Situation, Trigger } from "./trigger.ts";

export interface CommunicationTriggerParts {
  readonly situation: Situation;
  readonly presence: PresenceBoard;
  /** False while the host itself is cut off from the devices of that protocol. */
  readonly isReachable: (device: Device) => boolean;
  /** When the host started. */
  readonly startedAt: EpochMs;
}

/** Devices get this long to report after the host started, or its broker came back. */
const graceMs = 30_000;

/**
 * Holds while nothing is heard of a device. While the host itself is cut off nothing can be told: one alarm of the host
 * says so, not one for each device.
 */
export class CommunicationTrigger implements Trigger {
  readonly inputs: readonly number[] = [];
  readonly #parts: CommunicationTriggerParts;

  constructor(parts: CommunicationTriggerParts) {
    this.#parts = parts;
  }

  holds(): boolean | undefined {
    const { situation, presence, isReachable, startedAt } = this.#parts;
    const { device, now } = situation;
    if (device === undefined) return undefined;
    const { state } = presence.of(device);
    const isStarting = now - startedAt < graceMs;
    const isLost = state === "stale" || state === "offline";
    if (!isLost && !(isStarting && state === "unknown")) return false;
    if (!isStarting && isReachable(device)) return true;
    situation.lookAgainAt(situation.time + (isStarting ? startedAt + graceMs - now : graceMs));
    return undefined;
  }

  text(): string | undefined {
    const { situation, presence } = this.#parts;
    if (situation.device === undefined) return undefined;
    const { state, reason, lastSeen } = presence.of(situation.device);
    const heard = lastSeen === undefined ? "never heard of" : `last heard of at ${new Date(lastSeen).toISOString()}`;
    return `The device is ${state}: ${reason}; ${heard}.`;
  }
}
