/** Temperature rise in K of a good terminal at rated current, in steady state; 80 K are permitted. */
export const standardRiseK = 45;

/** Thermal inertia of terminals and case. */
const tauMs = 30 * 60_000;

/** The hottest terminal: follows ambient + rise * (I/In)^1.6 with a first-order lag. */
export class Terminal {
  temperatureCel: number;
  ambientCel: number;
  /** Growth of the rise by a bad joint or worn contacts. */
  extraRiseK = 0;
  readonly #ratedA: number;

  constructor(ratedA: number, ambientCel: number, amps: number) {
    this.#ratedA = ratedA;
    this.ambientCel = ambientCel;
    this.temperatureCel = this.#settledAt(amps);
  }

  advance(stepMs: number, amps: number): void {
    this.temperatureCel += (1 - Math.exp(-stepMs / tauMs)) * (this.#settledAt(amps) - this.temperatureCel);
  }

  #settledAt(amps: number): number {
    return this.ambientCel + (standardRiseK + this.extraRiseK) * (amps / this.#ratedA) ** 1.6;
  }
}
