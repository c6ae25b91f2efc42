import type { Protocol } from "#model/protocol.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { DeviceTransport, SampleSink } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";

export interface MirrorOutParts {
  readonly registry: Pick<DeviceRegistry, "ways">;
  readonly presence: PresenceBoard;
  readonly transportFor: (protocol: Protocol) => DeviceTransport | undefined;
  /** The protocols over which a device's values are to be published besides its own. */
  readonly protocolsFor: (device: Device) => readonly Protocol[];
}

/**
 * Publishes a device's values for listeners of a protocol that the device does not speak itself: silent while it does. The
 * transport recognises what comes back of it, so nothing goes in circles.
 */
export class MirrorOut implements SampleSink {
  readonly #parts: MirrorOutParts;

  constructor(parts: MirrorOutParts) {
    this.#parts = parts;
  }

  accept(device: Device, batch: SampleBatch): void {
    const { registry, presence, transportFor, protocolsFor } = this.#parts;
    for (const protocol of protocolsFor(device)) {
      if (protocol === device.protocol) continue;
      const way = registry.ways(device).find((candidate) => candidate.protocol === protocol);
      if (way !== undefined && presence.of(way).state === "online") continue;
      transportFor(protocol)?.mirror?.(device, batch);
    }
  }
}
