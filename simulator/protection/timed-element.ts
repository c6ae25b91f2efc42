import type { Random } from "#simulator/random.ts";
import type { BreakWindow } from "./break-window.ts";
import { newMechanismMs, type ProtectionElement, type Sight, type TripCause } from "./element.ts";

export interface TimedElementOptions {
  readonly cause: TripCause;
  readonly random: Random;
  /** The quantity it watches, from a sight. */
  readonly input: (sight: Sight) => number;
  /** Picks up below instead of above the threshold (27, 81U). */
  readonly isUnder?: boolean;
  /** Ratio of drop-out to pickup: a timer is given up only when the input is clearly healthy again. */
  readonly dropOutRatio?: number;
}

/**
 * A definite-time element, or an I^2 t one. Its breaking time is drawn once per pickup from the window of its delay and it
 * operates the mechanism's time before that.
 */
export class TimedElement implements ProtectionElement {
  readonly cause: TripCause;
  pickedUpMs: number | undefined;
  readonly #random: Random;
  readonly #input: (sight: Sight) => number;
  readonly #isUnder: boolean;
  readonly #dropOutRatio: number;
  #threshold = Number.NaN;
  #window: BreakWindow = { delayMs: 0, fromMs: 0, toMs: 0 };
  /** Input at which the I^2 t ramp meets the delay; undefined = definite time. */
  #rampTo: number | undefined;
  #drawn = 0;
  #breakMs = 0;
  #progress = 0;

  constructor({ cause, random, input, isUnder = false, dropOutRatio = 0.95 }: TimedElementOptions) {
    this.cause = cause;
    this.#random = random;
    this.#input = input;
    this.#isUnder = isUnder;
    this.#dropOutRatio = dropOutRatio;
  }

  /** New settings; a running timer goes on with what it drew. NaN as threshold switches the element off. */
  configure(threshold: number, window: BreakWindow, rampTo?: number): void {
    this.#threshold = threshold;
    this.#window = window;
    this.#rampTo = window.delayMs > 0 ? rampTo : undefined;
  }

  see(sight: Sight): void {
    const value = this.#input(sight);
    if (this.pickedUpMs === undefined) {
      if (!(this.#isUnder ? value < this.#threshold : value >= this.#threshold)) return;
      this.pickedUpMs = 0;
      this.#progress = 0;
      this.#drawn = this.#random.between(this.#window.fromMs, this.#window.toMs);
    } else if (this.#isHealthy(value)) {
      this.pickedUpMs = undefined;
      return;
    }
    this.#breakMs = this.#drawn * this.#stretch(value);
  }

  operatesInMs(): number {
    if (this.pickedUpMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, (1 - this.#progress) * this.#breakMs - newMechanismMs);
  }

  advance(stepMs: number): void {
    if (this.pickedUpMs === undefined) return;
    this.pickedUpMs += stepMs;
    this.#progress += this.#breakMs > 0 ? stepMs / this.#breakMs : 1;
  }

  opened(): void {
    this.pickedUpMs = undefined;
  }

  #isHealthy(value: number): boolean {
    // A threshold that was switched off (NaN) holds nothing up.
    if (this.#isUnder) return !(value <= this.#threshold / this.#dropOutRatio);
    return !(value >= this.#threshold * this.#dropOutRatio);
  }

  /** How much longer than the delay the element takes: (10 Ir / I)^2 with I^2 t on, never less than 1. */
  #stretch(value: number): number {
    return this.#rampTo === undefined || value <= 0 ? 1 : Math.max(1, (this.#rampTo / value) ** 2);
  }
}
