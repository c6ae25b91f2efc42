import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Device } from "./device.ts";
import type { Uplink } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";

/** How long silence lasts until a device counts as gone. */
export interface AgingPolicy {
  /** stale -> offline after this long. */
  readonly offlineAfterMs: number;
  /** offline -> retired after this long. */
  readonly retiredAfterMs: number;
}

export const defaultAgingPolicy: AgingPolicy = { offlineAfterMs: 15 * 60_000, retiredAfterMs: 30 * 86_400_000 };

export interface PresenceAgingParts {
  readonly board: PresenceBoard;
  readonly registry: Pick<DeviceRegistry, "all">;
  readonly uplink: Pick<Uplink, "presence">;
  readonly clock: Clock;
  readonly policy?: Partial<AgingPolicy>;
  /** Default 60 s. */
  readonly periodMs?: number;
}

/** Lets silent devices age from stale over offline to retired; a message brings each of them back at once. */
export class PresenceAging implements Disposable {
  readonly #parts: PresenceAgingParts;
  readonly #policy: AgingPolicy;
  readonly #timer: Disposable;

  constructor(parts: PresenceAgingParts) {
    this.#parts = parts;
    this.#policy = { ...defaultAgingPolicy, ...parts.policy };
    this.#timer = every(parts.clock, parts.periodMs ?? 60_000, () => this.#look());
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #look(): void {
    const now = this.#parts.clock.now();
    for (const device of this.#parts.registry.all()) this.#age(device, now);
  }

  #age(device: Device, now: EpochMs): void {
    const { state, since, reason } = this.#parts.board.of(device);
    const { offlineAfterMs, retiredAfterMs } = this.#policy;
    if (state === "stale" && now - since >= offlineAfterMs) {
      this.#parts.uplink.presence(device, "offline", now, `stale for ${spanOf(now - since)}: ${reason}`);
    } else if (state === "offline" && now - since >= retiredAfterMs) {
      this.#parts.uplink.presence(device, "retired", now, `offline for ${spanOf(now - since)}: ${reason}`);
    }
  }
}

function spanOf(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return days > 0 ? `${days} d` : `${Math.round(ms / 60_000)} min`;
}
