import type { Device } from "#fleet/device.ts";
import type { Logger } from "#lib/logger.ts";
import type { CommandAck } from "#model/command.ts";
import type { CommandEffect } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Flight, FlightTime } from "./flight.ts";
import { type Hold, Lane } from "./lane.ts";

export interface LanesParts extends FlightTime {
  /** A device answered a command that was given up. */
  readonly onLate: (device: Device, flight: Flight, evidence: string) => void;
  readonly log: Logger;
}

/** The lanes of all devices; only those with something under way exist, so that a sample costs one look-up. */
export class Lanes {
  readonly #parts: LanesParts;
  readonly #byDevice = new Map<Device, Lane>();

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  /** Takes the right to send to a device; throws `command-busy`. */
  enter(device: Device, action: string, effect: CommandEffect): Hold {
    return this.#laneOf(device).enter(action, effect);
  }

  /** False while a message of unknown outcome may still change the parameter. */
  isCertain(device: Device, spec: ParameterSpec): boolean {
    return this.#byDevice.get(device)?.isCertain(spec) ?? true;
  }

  /** True when a message of ours asks the device for this value. */
  awaits(device: Device, spec: ParameterSpec, value: ParameterValue): boolean {
    return this.#byDevice.get(device)?.awaits(spec, value) ?? false;
  }

  observe(device: Device, batch: SampleBatch): void {
    const lane = this.#byDevice.get(device);
    if (lane === undefined) return;
    lane.observe(batch);
    if (lane.isIdle) this.#byDevice.delete(device);
  }

  acknowledged(device: Device, ack: CommandAck): void {
    if (this.#byDevice.get(device)?.acknowledged(ack) === true) return;
    this.#parts.log.info({ device: device.id, id: ack.correlationId }, "late or foreign command answer, recorded only");
  }

  lost(device: Device, reason: string): void {
    this.#byDevice.get(device)?.lost(reason);
  }

  /** The device is no longer ours. */
  forget(device: Device): void {
    this.lost(device, "removed from the host");
    this.#byDevice.delete(device);
  }

  #laneOf(device: Device): Lane {
    const known = this.#byDevice.get(device);
    if (known !== undefined) return known;
    const { clock, elapsed, onLate } = this.#parts;
    const lane = new Lane(device.id, { clock, elapsed }, (flight, evidence) => onLate(device, flight, evidence));
    this.#byDevice.set(device, lane);
    return lane;
  }
}
