import { newMechanismMs, type ProtectionElement, type Sight, type TripCause } from "./element.ts";

/** Longest break times for series arcs at 230 V, s by A (IEC 62606, general knowledge). */
const afddPoints: readonly (readonly [amps: number, seconds: number])[] = [
  [2.5, 1],
  [5, 0.5],
  [10, 0.25],
  [16, 0.15],
  [32, 0.12],
  [63, 0.12],
];

/** Break time in s of a series arc, straight lines on log-log axes between the points; Infinity below the smallest arc. */
export function afddTimeS(amps: number): number {
  const [first] = afddPoints;
  if (first === undefined || amps < first[0]) return Number.POSITIVE_INFINITY;
  let below = first;
  for (const above of afddPoints) {
    if (amps <= above[0]) return between(below, above, amps);
    below = above;
  }
  return below[1];
}

function between(below: readonly [number, number], above: readonly [number, number], amps: number): number {
  if (amps <= below[0]) return below[1];
  const share = Math.log(amps / below[0]) / Math.log(above[0] / below[0]);
  return below[1] * (above[1] / below[1]) ** share;
}

/** Arc fault detection of a miniature breaker: trips on the noise of a series arc, faster for larger currents. */
export class AfddElement implements ProtectionElement {
  readonly cause: TripCause = "ArcFault";
  pickedUpMs: number | undefined;
  #progress = 0;
  #breakMs = Number.POSITIVE_INFINITY;

  see({ seriesArcA }: Sight): void {
    this.#breakMs = afddTimeS(seriesArcA) * 1000;
    if (this.#breakMs === Number.POSITIVE_INFINITY) this.opened();
    else this.pickedUpMs ??= 0;
  }

  operatesInMs(): number {
    if (this.pickedUpMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, (1 - this.#progress) * this.#breakMs - newMechanismMs);
  }

  advance(stepMs: number): void {
    if (this.pickedUpMs === undefined) return;
    this.pickedUpMs += stepMs;
    this.#progress += stepMs / this.#breakMs;
  }

  opened(): void {
    this.pickedUpMs = undefined;
    this.#progress = 0;
  }
}
