import type { ProtectionElement, Sight, TripCause } from "./element.ts";

/** Ratio of the ultimate tripping current to Ir; with it the published long-time tables come out within 2.2 %. */
export const thermalK = 1.2;

/** Time constant in s of the long-time curve that trips after `delayS` at 6 Ir from cold. */
export function thermalTauS(delayS: number, k = thermalK): number {
  return delayS / Math.log(36 / (36 - k * k));
}

/**
 * Time in s until the thermal element trips at the constant current `amps` after a long time at `priorA` (IEC 60255-149,
 * hot curve); Infinity when it never does. `limitA` = k Ir.
 */
export function thermalTripTimeS(tauS: number, limitA: number, amps: number, priorA = 0): number {
  if (amps <= limitA) return Number.POSITIVE_INFINITY;
  const square = amps * amps;
  return tauS * Math.log((square - priorA * priorA) / (square - limitA * limitA));
}

/**
 * ANSI 49 and the L of LSIG with thermal memory: one state H (1 = trip) that follows (I / k Ir)^2 with one time constant,
 * also while the breaker is open (IEC 60255-149).
 */
export class ThermalElement implements ProtectionElement {
  readonly cause: TripCause = "Thermal";
  /** Thermal capacity used, 1 = trip level. */
  level = 0;
  pickedUpMs: number | undefined;
  #isTripping = true;
  #limitA = 1;
  #pickupA = 1;
  #tauMs = 1;
  #neutralShare = 0;
  /** The level that the present current leads to. */
  #target = 0;

  /** Without `isTripping` the element keeps the thermal image but leaves tripping to another curve. */
  configure(
    pickupA: number,
    delayS: number,
    options: { isTripping?: boolean; neutralShare?: number; k?: number } = {},
  ) {
    const k = options.k ?? thermalK;
    this.#pickupA = pickupA;
    this.#limitA = k * pickupA;
    this.#tauMs = thermalTauS(delayS, k) * 1000;
    this.#isTripping = options.isTripping ?? true;
    this.#neutralShare = options.neutralShare ?? 0;
  }

  /** Starts in the steady state of a load. */
  preload(amps: number): void {
    this.level = Math.min(0.95, (amps / this.#limitA) ** 2);
  }

  see({ readings }: Sight): void {
    const neutralA = this.#neutralShare > 0 ? readings.neutralA / this.#neutralShare : 0;
    const amps = Math.max(readings.maxA, neutralA);
    this.#target = (amps / this.#limitA) ** 2;
    if (amps > this.#pickupA) this.pickedUpMs ??= 0;
    else this.pickedUpMs = undefined;
  }

  operatesInMs(): number {
    return this.#isTripping ? this.reachesTripInMs() : Number.POSITIVE_INFINITY;
  }

  /** Time in ms until the image reaches the trip level at the present current; Infinity below the limit. */
  reachesTripInMs(): number {
    if (this.#target <= 1) return Number.POSITIVE_INFINITY;
    if (this.level >= 1) return 0;
    return this.#tauMs * Math.log((this.#target - this.level) / (this.#target - 1));
  }

  /** Exact for any step at constant current. */
  advance(stepMs: number): void {
    this.level += (1 - Math.exp(-stepMs / this.#tauMs)) * (this.#target - this.level);
    if (this.pickedUpMs !== undefined) this.pickedUpMs += stepMs;
  }

  opened(): void {
    this.pickedUpMs = undefined;
  }

  /** Time in ms of cooling without current until `level` is reached; 0 when it is already below. */
  coolsInMs(level: number): number {
    return this.level <= level ? 0 : this.#tauMs * Math.log(this.level / level);
  }
}
