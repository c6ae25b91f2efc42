import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { WarnOnce } from "#lib/warn-once.ts";
import type { CommandAck } from "#model/command.ts";
import { messageOf } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Commands } from "./commands.ts";
import type { Device } from "./device.ts";
import { judge } from "./judge.ts";
import type { LiveValues } from "./live-values.ts";
import type { PackageShelf } from "./package-shelf.ts";
import type { Announcement, PresenceState, RejectionReason, SampleSink, Uplink } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";
import { staleBatch } from "./stale.ts";
import type { Traffic } from "./traffic.ts";

export interface IngestParts {
  readonly registry: DeviceRegistry;
  readonly shelf: PackageShelf;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly commands: Commands;
  readonly traffic: Traffic;
  /** In the order in which they hear of each batch. */
  readonly sinks: readonly SampleSink[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where all samples of all protocols arrive: the only place that decides what a value is worth. */
export class Ingest implements Uplink {
  readonly #parts: IngestParts;
  readonly #warnings: WarnOnce;
  readonly #stale = new SampleBatch();

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#warnings = new WarnOnce(parts.clock, 60_000);
  }

  announced(announcement: Announcement): Device | undefined {
    const { registry, shelf, log } = this.#parts;
    const known = registry.findByAddress(announcement.protocol, announcement.address);
    if (known !== undefined) return known;
    const pkg = shelf.match(announcement);
    if (pkg === undefined) {
      this.rejected(
        announcement.address,
        "unknown-device",
        `no package fits type ${announcement.declaredType ?? "(none)"}`,
      );
      return undefined;
    }
    try {
      const device = registry.add(announcement.name, pkg, announcement.protocol, announcement.address);
      log.info({ device: device.id }, `new ${pkg.typeName} at ${announcement.protocol} ${announcement.address}`);
      return device;
    } catch (error) {
      this.rejected(announcement.address, "foreign-device", messageOf(error));
      return undefined;
    }
  }

  samples(device: Device, batch: SampleBatch): void {
    const { live, commands, traffic, clock } = this.#parts;
    judge(device, batch, live, clock.now());
    for (let i = 0; i < batch.size; i += 1) {
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      live.store(device.firstSlot + (batch.parameters[i] ?? 0), batch, i);
    }
    traffic.samples += batch.size;
    commands.observe(device, batch);
    this.#deliver(device, batch);
  }

  presence(device: Device, state: PresenceState, at: EpochMs, reason: string): void {
    const { presence, live, commands, log } = this.#parts;
    if (!presence.set(device, state, at, reason)) return;
    log.debug({ device: device.id }, `${state}: ${reason}`);
    if (state === "online") return;
    commands.lost(device, reason);
    if (staleBatch(device, live, at, this.#stale)) this.#deliver(device, this.#stale);
  }

  acknowledged(device: Device, ack: CommandAck): void {
    this.#parts.commands.acknowledged(device, ack);
  }

  received(): void {
    this.#parts.traffic.messages += 1;
  }

  rejected(source: string, reason: RejectionReason, detail: string): void {
    this.#parts.traffic.rejected[reason] += 1;
    this.#warnings.warn(`${reason} ${source}`, (suppressed) => {
      const more = suppressed > 0 ? ` (and ${suppressed} more in the last minute)` : "";
      this.#parts.log.warn({ source }, `message rejected, ${reason}: ${detail}${more}`);
    });
  }

  #deliver(device: Device, batch: SampleBatch): void {
    for (const sink of this.#parts.sinks) {
      try {
        sink.accept(device, batch);
      } catch (error) {
        // A sink that breaks its promise must not cost the others their values.
        this.#warnings.warn(`sink ${sink.constructor.name}`, () => {
          this.#parts.log.error({ err: error, device: device.id }, `${sink.constructor.name} failed on a batch`);
        });
      }
    }
  }
}
