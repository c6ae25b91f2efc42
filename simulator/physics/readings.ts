/** Share of the current's distortion that is third harmonic and therefore adds up in the neutral. */
const tripleShare = 0.6;

/** The state of the conductors for one step: what flows and at which voltage. */
export interface Conductors {
  /** Phase to neutral, rms. */
  readonly voltagesV: Float64Array;
  /** Fundamental, rms, per phase. */
  readonly amps: Float64Array;
  readonly phi: number;
  readonly thd: number;
  /** Current to earth that does not return through the neutral, rms. */
  readonly earthA: number;
  readonly frequencyHz: number;
}

/**
 * What the breaker measures, coherent at every instant: per phase and in total S^2 = P^2 + Q^2 + D^2 (IEEE 1459 with
 * sinusoidal voltage, vector apparent power), everything zero without current. Units: V, A, kW, kvar, kVA, Hz.
 */
export class Readings {
  readonly voltagesV = new Float64Array(3);
  /** True rms per phase, harmonics included. */
  readonly currentsA = new Float64Array(3);
  neutralA = 0;
  earthA = 0;
  activeKw = 0;
  reactiveKvar = 0;
  distortionKva = 0;
  apparentKva = 0;
  powerFactor = 1;
  frequencyHz = 0;
  /** Percent of the fundamental. */
  thdPercent = 0;
  /** max |Ix - Iavg| / Iavg in percent. */
  unbalancePercent = 0;
  /** Negative sequence current, rms (46). */
  negativeSequenceA = 0;
  /** Highest of the three phase currents. */
  maxA = 0;

  update(from: Conductors): void {
    const { currentsA, voltagesV } = this;
    const rms = Math.sqrt(1 + from.thd * from.thd);
    let p = 0;
    let q = 0;
    let d = 0;
    let max = 0;
    let sum = 0;
    for (let phase = 0; phase < 3; phase += 1) {
      const volts = from.voltagesV[phase] ?? 0;
      const fundamental = from.amps[phase] ?? 0;
      const kva = (volts * fundamental) / 1000;
      voltagesV[phase] = volts;
      const amps = fundamental * rms;
      currentsA[phase] = amps;
      sum += amps;
      if (amps > max) max = amps;
      p += kva;
      d += kva * from.thd;
    }
    q = p * Math.sin(from.phi);
    p *= Math.cos(from.phi);
    this.activeKw = p;
    this.reactiveKvar = q;
    this.distortionKva = d;
    this.apparentKva = Math.sqrt(p * p + q * q + d * d);
    this.powerFactor = this.apparentKva > 0 ? p / this.apparentKva : 1;
    this.maxA = max;
    this.thdPercent = max > 0 ? from.thd * 100 : 0;
    this.frequencyHz = from.frequencyHz;
    this.earthA = from.earthA;
    this.#unbalance(sum / 3);
    this.#sequences(from);
  }

  #unbalance(average: number): void {
    let deviation = 0;
    for (const amps of this.currentsA) deviation = Math.max(deviation, Math.abs(amps - average));
    this.unbalancePercent = average > 0 ? (100 * deviation) / average : 0;
  }

  /** Neutral and negative sequence from the phasors at 0, -120 and +120 degrees; the earth fault is in phase A. */
  #sequences(from: Conductors): void {
    const a = from.amps[0] ?? 0;
    const b = from.amps[1] ?? 0;
    const c = from.amps[2] ?? 0;
    this.negativeSequenceA = phasorSum(a, b, c) / 3;
    const returning = phasorSum(Math.max(0, a - from.earthA), b, c);
    const triple = (a + b + c) * from.thd * tripleShare;
    this.neutralA = Math.sqrt(returning * returning + triple * triple);
  }
}

/** |Ia + Ib + Ic| of magnitudes 120 degrees apart; with the phase order reversed (3 |I2|) it has the same value. */
function phasorSum(a: number, b: number, c: number): number {
  return Math.sqrt(Math.max(0, a * a + b * b + c * c - a * b - b * c - c * a));
}
