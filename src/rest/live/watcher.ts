import type { Device } from "#fleet/device.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";

/** What of one device changed since a channel last told its clients. */
export class Watcher {
  readonly device: Device;
  /** 1 for the parameters that are wanted; undefined: all of them. */
  readonly #wanted: Uint8Array | undefined;
  readonly #isDirty: Uint8Array;
  #dirty: number[] = [];

  /** Undefined when the device has none of the parameters. */
  static of(device: Device, parameters: readonly string[] | undefined): Watcher | undefined {
    if (parameters === undefined) return new Watcher(device, undefined);
    const wanted = new Uint8Array(device.package.parameters.length);
    for (const name of parameters) {
      const spec = device.package.parameterByName.get(name);
      if (spec !== undefined) wanted[spec.index] = 1;
    }
    return wanted.includes(1) ? new Watcher(device, wanted) : undefined;
  }

  private constructor(device: Device, wanted: Uint8Array | undefined) {
    this.device = device;
    this.#wanted = wanted;
    this.#isDirty = new Uint8Array(device.package.parameters.length);
  }

  /** Notes what a batch changes; true when it is the first thing noted since `take`. */
  note(batch: SampleBatch): boolean {
    const wasClean = this.#dirty.length === 0;
    for (let i = 0; i < batch.size; i += 1) {
      const index = batch.parameters[i] ?? 0;
      if (this.#isDirty[index] !== 0 || ((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      if (this.#wanted !== undefined && this.#wanted[index] !== 1) continue;
      this.#isDirty[index] = 1;
      this.#dirty.push(index);
    }
    return wasClean && this.#dirty.length > 0;
  }

  /** The parameters that changed; from now on nothing is noted. */
  take(): readonly number[] {
    const taken = this.#dirty;
    this.#dirty = [];
    for (const index of taken) this.#isDirty[index] = 0;
    return taken;
  }

  /** Every parameter that is wanted. */
  *all(): IterableIterator<number> {
    for (let index = 0; index < this.#isDirty.length; index += 1) {
      if (this.#wanted === undefined || this.#wanted[index] === 1) yield index;
    }
  }
}
