import type { Random } from "#simulator/random.ts";

/** A quantity that wanders around a mean (Ornstein-Uhlenbeck, updated exactly for any step). */
export class Drift {
  value: number;
  readonly #mean: number;
  readonly #deviation: number;
  readonly #tauMs: number;
  #stepMs = 0;
  #keep = 0;
  #kick = 0;

  /** `deviation` is the standard deviation in the long run, `tauMs` the time constant of its wandering. */
  constructor(mean: number, deviation: number, tauMs: number) {
    this.value = mean;
    this.#mean = mean;
    this.#deviation = deviation;
    this.#tauMs = tauMs;
  }

  step(stepMs: number, random: Random): number {
    if (stepMs !== this.#stepMs) {
      this.#stepMs = stepMs;
      this.#keep = Math.exp(-stepMs / this.#tauMs);
      this.#kick = this.#deviation * Math.sqrt(1 - this.#keep * this.#keep);
    }
    this.value = this.#mean + (this.value - this.#mean) * this.#keep + this.#kick * random.normal();
    return this.value;
  }
}
