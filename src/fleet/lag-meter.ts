import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { SampleSink } from "./ports.ts";

/** Upper bounds of the classes, in seconds; what is beyond the last one is counted in none. */
export const lagBoundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600] as const;

export interface LagCounts {
  /** Messages per class, each with those of the classes below it, in the order of `lagBoundsS`. */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sumS: number;
  /** Of the last message. */
  readonly lastS: number;
}

/** Measures how old values are when everything in the host has them: now minus the device's own time, once per message. */
export class LagMeter implements SampleSink {
  readonly #now: () => number;
  readonly #classes = new Float64Array(lagBoundsS.length + 1);
  #count = 0;
  #sumS = 0;
  #lastS = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  accept(_device: Device, batch: SampleBatch): void {
    const last = batch.size - 1;
    if (last < 0 || ((batch.flags[last] ?? 0) & SampleFlag.historical) !== 0) return;
    // A device whose clock is ahead has no lag that could be told.
    const lagS = Math.max(0, this.#now() - (batch.times[last] ?? 0)) / 1000;
    let place = 0;
    while (place < lagBoundsS.length && lagS > (lagBoundsS[place] ?? 0)) place += 1;
    this.#classes[place] = (this.#classes[place] ?? 0) + 1;
    this.#count += 1;
    this.#sumS += lagS;
    this.#lastS = lagS;
  }

  counts(): LagCounts {
    let below = 0;
    const cumulative = lagBoundsS.map((_bound, i) => (below += this.#classes[i] ?? 0));
    return { cumulative, count: this.#count, sumS: this.#sumS, lastS: this.#lastS };
  }
}
