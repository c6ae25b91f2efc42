import { type Curve, frozenMultiple, operateTimeS, resetTimeS, startMultiple } from "./curves.ts";
import type { ProtectionElement, Sight, TripCause } from "./element.ts";

/** ANSI 51 as the dynamic equation of IEEE C37.112: integrates 1/t(I) above pickup, falls back like a disk below it. */
export class InverseElement implements ProtectionElement {
  readonly cause: TripCause = "InverseTime";
  pickedUpMs: number | undefined;
  #curve: Curve | undefined;
  #pickupA = 1;
  #timeMultiplier = 1;
  /** Position of the disk, 1 = trip. */
  #travel = 0;
  /** Travel per ms at the present current. */
  #speed = 0;

  /** `curve` undefined switches the element off. */
  configure(curve: Curve | undefined, pickupA: number, timeMultiplier: number): void {
    this.#curve = curve;
    this.#pickupA = pickupA;
    this.#timeMultiplier = timeMultiplier;
    if (curve === undefined) this.opened();
  }

  see({ readings }: Sight): void {
    if (this.#curve === undefined) {
      this.#speed = 0;
      return;
    }
    const multiple = readings.maxA / this.#pickupA;
    if (multiple >= startMultiple) {
      this.pickedUpMs ??= 0;
      this.#speed = 1 / (1000 * operateTimeS(this.#curve, Math.min(multiple, frozenMultiple), this.#timeMultiplier));
      return;
    }
    this.pickedUpMs = undefined;
    this.#speed = multiple < 1 ? -1 / (1000 * resetTimeS(this.#curve, multiple, this.#timeMultiplier)) : 0;
  }

  operatesInMs(): number {
    return this.#speed > 0 ? Math.max(0, (1 - this.#travel) / this.#speed) : Number.POSITIVE_INFINITY;
  }

  advance(stepMs: number): void {
    this.#travel = Math.max(0, this.#travel + this.#speed * stepMs);
    if (this.pickedUpMs !== undefined) this.pickedUpMs += stepMs;
  }

  opened(): void {
    this.pickedUpMs = undefined;
    this.#speed = 0;
  }
}
