/** Maps simulation time (ms since the start) to the calendar and to real time. */
export interface SimulationClock {
  /** Simulation time that real time has reached. */
  nowMs(): number;
  /** Epoch ms of a simulation time. */
  epochOf(simulationMs: number): number;
  /** Real ms until a simulation time is reached; 0 when it has passed. */
  realMsUntil(simulationMs: number): number;
}

/** A machine that slept is not simulated for the time it missed. */
const longestGapMs = 5_000;

/** Simulation time that runs `acceleration` times as fast as `realNow` (a monotonic clock in ms). */
export class RunningClock implements SimulationClock {
  readonly #startEpochMs: number;
  readonly #acceleration: number;
  readonly #realNow: () => number;
  #lastRealMs: number;
  #nowMs = 0;
  /** Simulated time left out so far. */
  #gapMs = 0;

  constructor(startEpochMs: number, acceleration: number, realNow: () => number) {
    this.#startEpochMs = startEpochMs;
    this.#acceleration = acceleration;
    this.#realNow = realNow;
    this.#lastRealMs = realNow();
  }

  nowMs(): number {
    const realMs = this.#realNow();
    const passedMs = realMs - this.#lastRealMs;
    this.#lastRealMs = realMs;
    if (passedMs <= longestGapMs) this.#nowMs += passedMs * this.#acceleration;
    // The calendar goes on although the simulation did not.
    else this.#gapMs += passedMs * this.#acceleration;
    return this.#nowMs;
  }

  epochOf(simulationMs: number): number {
    return this.#startEpochMs + this.#gapMs + simulationMs;
  }

  realMsUntil(simulationMs: number): number {
    return Math.max(0, (simulationMs - this.nowMs()) / this.#acceleration);
  }
}

/** Simulation time that a test or an offline run sets by hand. */
export class ManualClock implements SimulationClock {
  now = 0;
  readonly #startEpochMs: number;

  constructor(startEpochMs: number) {
    this.#startEpochMs = startEpochMs;
  }

  nowMs(): number {
    return this.now;
  }

  epochOf(simulationMs: number): number {
    return this.#startEpochMs + simulationMs;
  }

  realMsUntil(): number {
    return 0;
  }
}
