import type { Random } from "#simulator/random.ts";
import { Drift } from "./drift.ts";

const dayMs = 86_400_000;
/** Motors draw 6 to 8 times their rated current at standstill; ours run up with this time constant. */
const runUpMs = 1_500;

export interface LoadProfile {
  /** Mean of the daily maximum, share of the rated current. */
  readonly level: number;
  /** Share of the rated current that the largest motor takes when running. */
  readonly motorShare: number;
  readonly motorStartsPerHour: number;
  /** Fixed deviation of the three phases, e.g. 0.03 = 3 % above the mean. */
  readonly imbalance: readonly [number, number, number];
  /** Displacement power factor of the load. */
  readonly cosPhi: number;
  /** Total harmonic distortion of the current, e.g. 0.04. */
  readonly thd: number;
}

/** A plausible profile for a feeder, different for every breaker. */
export function randomProfile(random: Random): LoadProfile {
  return {
    level: random.between(0.35, 0.65),
    motorShare: random.between(0.02, 0.06),
    motorStartsPerHour: random.between(0, 12),
    imbalance: [random.between(-0.04, 0.04), random.between(-0.04, 0.04), random.between(-0.04, 0.04)],
    cosPhi: random.between(0.88, 0.97),
    thd: random.between(0.02, 0.06),
  };
}

/** What the consumers behind one breaker draw as long as it is closed. */
export class Load {
  /** Fundamental, rms, per phase. */
  readonly amps = new Float64Array(3);
  /** Displacement angle, rad; positive lags (inductive). */
  phi: number;
  thd: number;
  profile: LoadProfile;
  readonly #ratedA: number;
  readonly #random: Random;
  readonly #slow = new Drift(1, 0.03, 90_000);
  readonly #fast = new Drift(0, 0.004, 1_500);
  readonly #distortion = new Drift(1, 0.06, 30_000);
  #base: number;
  #sinceStartMs = Number.POSITIVE_INFINITY;
  #startRatio = 7;
  #startShare = 0;

  constructor(ratedA: number, profile: LoadProfile, random: Random) {
    this.#ratedA = ratedA;
    this.profile = profile;
    this.#random = random;
    this.phi = Math.acos(profile.cosPhi);
    this.thd = profile.thd;
    this.#base = 0.75 * profile.level;
    this.#draw();
  }

  /** Starts a motor of `share` of the rated current now; `ratio` = current at standstill per running current. */
  startMotor(ratio = this.#random.between(6, 8), share = this.profile.motorShare): void {
    this.#sinceStartMs = 0;
    this.#startRatio = ratio;
    this.#startShare = share;
    this.#draw();
  }

  /** True while a starting current decays visibly: the model wants short steps. */
  get isStarting(): boolean {
    return this.#sinceStartMs < 5 * runUpMs;
  }

  /** New random values for the step that begins; `nowMs` (epoch) selects the time of day. */
  step(nowMs: number, stepMs: number): void {
    const { profile } = this;
    if (this.#random.chance((profile.motorStartsPerHour * stepMs) / 3_600_000)) this.startMotor();
    const slow = this.#slow.step(stepMs, this.#random);
    this.#base = dailyShape(nowMs) * profile.level * slow + this.#fast.step(stepMs, this.#random);
    this.thd = Math.max(0, profile.thd * this.#distortion.step(stepMs, this.#random));
    this.#draw();
  }

  /** Lets a starting motor run up for `ms`. */
  runUp(ms: number): void {
    this.#sinceStartMs += ms;
    this.#draw();
  }

  #draw(): void {
    const { profile } = this;
    const decay = this.isStarting ? Math.exp(-this.#sinceStartMs / runUpMs) : 0;
    const inrush = this.#startShare * (this.#startRatio - 1) * decay;
    const common = this.#base + profile.motorShare + inrush;
    for (let phase = 0; phase < 3; phase += 1) {
      this.amps[phase] = Math.max(0, this.#ratedA * common * (1 + (profile.imbalance[phase] ?? 0)));
    }
    this.phi = Math.acos(Math.max(0.2, profile.cosPhi - 0.15 * decay));
  }
}

/** Share of the daily maximum: low at 4 h, high at 16 h UTC, between 0.5 and 1. */
export function dailyShape(nowMs: number): number {
  const angle = (2 * Math.PI * ((nowMs % dayMs) - dayMs / 6)) / dayMs;
  return 0.75 - 0.25 * Math.cos(angle);
}
