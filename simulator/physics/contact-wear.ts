/** One point of an endurance curve: a contact survives `operations` interruptions of `amps`. */
export interface EndurancePoint {
  readonly amps: number;
  readonly operations: number;
}

/** Interruptions survived at `amps`: constant outside the points, straight lines on log-log axes between them (SEL). */
export function enduranceAt(points: readonly EndurancePoint[], amps: number): number {
  let below = points[0];
  for (const above of points) {
    if (below !== undefined && amps <= above.amps) return interpolated(below, above, amps);
    below = above;
  }
  return below?.operations ?? Number.POSITIVE_INFINITY;
}

function interpolated(below: EndurancePoint, above: EndurancePoint, amps: number): number {
  if (amps <= below.amps) return below.operations;
  const share = Math.log(amps / below.amps) / Math.log(above.amps / below.amps);
  return below.operations * (above.operations / below.operations) ** share;
}

/** Three points for a low-voltage breaker: electrical life at In, tens at 10 In, three at Icu. */
export function lowVoltageEndurance(ratedA: number, breakingA: number): readonly EndurancePoint[] {
  return [
    { amps: ratedA, operations: 1000 },
    { amps: 10 * ratedA, operations: 50 },
    { amps: breakingA, operations: 3 },
  ];
}

/** Wear of the three poles in percent of their life, with what they interrupted so far. */
export class ContactWear {
  readonly percent = new Float64Array(3);
  /** Cumulated interrupted current per pole, kA. */
  readonly interruptedKa = new Float64Array(3);
  /** Cumulated let-through energy per pole, A^2 s. */
  readonly letThroughA2s = new Float64Array(3);
  readonly #points: readonly EndurancePoint[];

  constructor(points: readonly EndurancePoint[]) {
    this.#points = points;
  }

  /** The worst pole. */
  get maxPercent(): number {
    return Math.max(this.percent[0] ?? 0, this.percent[1] ?? 0, this.percent[2] ?? 0);
  }

  /** Books one opening: rms current per pole at contact parting and the time it flowed in the arc. */
  interrupted(amps: Float64Array, arcMs: number): void {
    for (let pole = 0; pole < 3; pole += 1) {
      const current = amps[pole] ?? 0;
      if (current <= 0) continue;
      this.percent[pole] = (this.percent[pole] ?? 0) + 100 / enduranceAt(this.#points, current);
      this.interruptedKa[pole] = (this.interruptedKa[pole] ?? 0) + current / 1000;
      this.letThroughA2s[pole] = (this.letThroughA2s[pole] ?? 0) + (current * current * arcMs) / 1000;
    }
  }
}
