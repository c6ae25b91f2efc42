import type { Device } from "#fleet/device.ts";
import type { DeviceTransport } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";

export interface UnheardDevicesParts {
  readonly registry: Pick<DeviceRegistry, "all">;
  readonly presence: Pick<PresenceBoard, "of">;
  readonly transportFor: (protocol: Protocol) => DeviceTransport | undefined;
  readonly clock: Clock;
  /** When to ask, after the start. Default 10 s, 1 min and 10 min. */
  readonly afterMs?: readonly number[];
}

/** Asks devices that are known but were not heard of since the host started to introduce themselves. */
export class UnheardDevices implements Disposable {
  readonly #parts: UnheardDevicesParts;
  readonly #startedAt: EpochMs;
  readonly #timers: readonly Disposable[];

  constructor(parts: UnheardDevicesParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    const { afterMs = [10_000, 60_000, 600_000] } = parts;
    this.#timers = afterMs.map((ms) => parts.clock.after(ms, () => this.#ask()));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
  }

  #ask(): void {
    for (const device of this.#parts.registry.all()) {
      if (this.#isUnheard(device)) this.#parts.transportFor(device.protocol)?.readmit?.(device.address);
    }
  }

  #isUnheard(device: Device): boolean {
    const { state, lastSeen } = this.#parts.presence.of(device);
    return state !== "retired" && state !== "online" && (lastSeen === undefined || lastSeen < this.#startedAt);
  }
}
