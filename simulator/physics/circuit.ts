/** An impedance in ohm. */
interface Impedance {
  readonly r: number;
  readonly x: number;
}

/** Copper feeder per metre at operating temperature: 120 mm2, ohm. */
const feeder: Impedance = { r: 0.153e-3, x: 0.08e-3 };
/** R/X of the transformer and the busbar in front of the panel. */
const sourceRatio = 0.3;

export interface FaultCurrent {
  /** Initial symmetrical rms current per faulted phase. */
  readonly amps: number;
  readonly cosPhi: number;
  /** Phase-to-neutral voltage left at the breaker, share of the source voltage. */
  readonly remainingVoltage: number;
}

export type ShortCircuit = "bolted" | "line-line" | "line-ground";

/** The supply in front of a breaker and the cable behind it: what short circuits can draw. */
export class Circuit {
  readonly #nominalV: number;
  readonly #source: Impedance;
  /** Length of the cable behind the breaker. */
  readonly cableM: number;

  /** `prospectiveA` is the three-phase short-circuit current at the busbar. */
  constructor(nominalV: number, prospectiveA: number, cableM: number) {
    this.#nominalV = nominalV;
    this.cableM = cableM;
    const x = nominalV / prospectiveA / Math.sqrt(1 + sourceRatio * sourceRatio);
    this.#source = { r: sourceRatio * x, x };
  }

  /** A short circuit `metres` down the cable; without a distance at its end. */
  shortCircuit(kind: ShortCircuit, metres = this.cableM): FaultCurrent {
    // The return path of an earth fault is a protective conductor of the same size.
    const lengths = kind === "line-ground" ? 2 * metres : metres;
    const line = { r: feeder.r * lengths, x: feeder.x * lengths };
    const total = { r: this.#source.r + line.r, x: this.#source.x + line.x };
    const symmetrical = this.#nominalV / magnitude(total);
    // Two phases: line voltage over two impedances, sqrt(3)/2 of the three-phase current.
    const amps = kind === "line-line" ? (symmetrical * Math.sqrt(3)) / 2 : symmetrical;
    return {
      amps,
      cosPhi: total.r / magnitude(total),
      remainingVoltage: (symmetrical * magnitude(line)) / this.#nominalV,
    };
  }
}

/** Ratio of the first asymmetrical peak to the rms short-circuit current (IEC 60947-1 table 16, general knowledge). */
export function peakRatio(amps: number): number {
  if (amps <= 6_000) return 1.5;
  if (amps <= 10_000) return 1.7;
  if (amps <= 20_000) return 2;
  return amps <= 50_000 ? 2.1 : 2.2;
}

function magnitude({ r, x }: Impedance): number {
  return Math.hypot(r, x);
}
