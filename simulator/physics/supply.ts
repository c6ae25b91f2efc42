import type { Random } from "#simulator/random.ts";
import { Drift } from "./drift.ts";

/** Sags and swells by a tenth: how often they come and how long they last. */
const eventsPerHour = 0.3;
const eventMs = { from: 100, to: 3_000 };

/** The busbar that feeds one panel: three phase-to-neutral voltages and a frequency, shared by its breakers. */
export class Supply {
  readonly nominalV: number;
  readonly nominalHz: number;
  /** Phase-to-neutral, rms. */
  readonly voltagesV = new Float64Array(3);
  frequencyHz: number;
  readonly #random: Random;
  #eventLeftMs = 0;
  #eventFactor = 1;
  readonly #common = new Drift(1, 0.006, 120_000);
  readonly #phases = [new Drift(0, 0.0015, 20_000), new Drift(0, 0.0015, 20_000), new Drift(0, 0.0015, 20_000)];
  readonly #offsetHz = new Drift(0, 0.015, 30_000);

  /** `ratedV` is phase-to-phase, rms. */
  constructor(ratedV: number, ratedHz: number, random: Random) {
    this.nominalV = ratedV / Math.sqrt(3);
    this.nominalHz = ratedHz;
    this.#random = random;
    this.frequencyHz = ratedHz;
    this.step(60_000);
  }

  step(stepMs: number): void {
    const common = this.#common.step(stepMs, this.#random) * this.#event(stepMs);
    for (const [phase, drift] of this.#phases.entries()) {
      this.voltagesV[phase] = this.nominalV * (common + drift.step(stepMs, this.#random));
    }
    this.frequencyHz = this.nominalHz + this.#offsetHz.step(stepMs, this.#random);
  }

  /** Factor of the event that is going on, 1 without one; steps that are longer than events have none. */
  #event(stepMs: number): number {
    this.#eventLeftMs -= stepMs;
    if (this.#eventLeftMs > 0) return this.#eventFactor;
    if (stepMs > eventMs.to || !this.#random.chance((eventsPerHour * stepMs) / 3_600_000)) return 1;
    this.#eventLeftMs = this.#random.between(eventMs.from, eventMs.to);
    this.#eventFactor = this.#random.chance(0.5) ? 0.9 : 1.1;
    return this.#eventFactor;
  }
}
