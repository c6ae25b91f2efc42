import type { Circuit } from "#simulator/physics/circuit.ts";

export const faultKinds = [
  "overload",
  "bolted",
  "line-line",
  "line-ground",
  "ground",
  "arc",
  "series-arc",
  "phase-loss",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** A fault in the circuit behind a breaker; left-out figures follow from the circuit. */
export interface Fault {
  readonly kind: FaultKind;
  /** rms current per faulted phase. */
  readonly amps?: number;
  /** Distance down the cable, for short circuits. */
  readonly metres?: number;
}

/** What a fault does to the conductors. */
export interface FaultEffect {
  /** rms per phase, where it exceeds the load's current. */
  readonly amps: readonly [number, number, number];
  /** Share of the load's current that still flows per phase. */
  readonly load: readonly [number, number, number];
  readonly earthA: number;
  /** Remaining voltage per phase, share of the supply's. */
  readonly volts: readonly [number, number, number];
  /** Displacement of the fault current; undefined keeps the load's. */
  readonly cosPhi: number | undefined;
  /** Short-circuit currents are sinusoidal whatever the load was. */
  readonly isSinusoidal: boolean;
  readonly isLit: boolean;
  readonly seriesArcA: number;
}

export function isFaultKind(text: string): text is FaultKind {
  return faultKinds.some((kind) => kind === text);
}

/** The current of a fault per faulted phase: what it says, or what the circuit and the rating suggest. */
function faultAmps(fault: Fault, circuit: Circuit, ratedA: number): number {
  if (fault.amps !== undefined) return fault.amps;
  switch (fault.kind) {
    case "overload":
      return 3 * ratedA;
    case "bolted":
    case "line-line":
    case "line-ground":
      return circuit.shortCircuit(fault.kind, fault.metres).amps;
    case "ground":
      return 0.6 * ratedA;
    case "arc":
      return 4 * ratedA;
    case "series-arc":
      return Math.min(10, ratedA / 4);
    case "phase-loss":
      return 0;
  }
}

const nothing: FaultEffect = {
  amps: [0, 0, 0],
  load: [1, 1, 1],
  earthA: 0,
  volts: [1, 1, 1],
  cosPhi: undefined,
  isSinusoidal: false,
  isLit: false,
  seriesArcA: 0,
};

/** The effect of a fault on the conductors of a circuit. */
export function effectOf(fault: Fault, circuit: Circuit, ratedA: number): FaultEffect {
  const amps = faultAmps(fault, circuit, ratedA);
  switch (fault.kind) {
    case "overload":
      return { ...nothing, amps: [amps, amps, amps], volts: [0.98, 0.98, 0.98], cosPhi: 0.85 };
    case "bolted":
    case "line-line":
    case "line-ground":
      return shortCircuitEffect(fault.kind, amps, circuit, fault.metres);
    case "ground":
      return { ...nothing, amps: [amps, 0, 0], earthA: amps, volts: [0.99, 1, 1], cosPhi: 0.95 };
    case "arc":
      return { ...nothing, amps: [amps, amps, amps], volts: [0.6, 0.6, 0.6], cosPhi: 0.8, isLit: true };
    case "series-arc":
      return { ...nothing, seriesArcA: amps };
    case "phase-loss":
      // Motors go on with two phases and draw sqrt(3) times the current from them.
      return { ...nothing, load: [Math.sqrt(3), 0, Math.sqrt(3)] };
  }
}

function shortCircuitEffect(
  kind: "bolted" | "line-line" | "line-ground",
  amps: number,
  circuit: Circuit,
  metres: number | undefined,
): FaultEffect {
  const { cosPhi, remainingVoltage: left } = circuit.shortCircuit(kind, metres);
  const short = { ...nothing, isSinusoidal: true, cosPhi };
  switch (kind) {
    case "bolted":
      return { ...short, amps: [amps, amps, amps], volts: [left, left, left] };
    case "line-line": {
      // Phase to neutral of the two faulted phases falls to half at the fault; the cable keeps the rest up.
      const faulted = 0.5 + left / 2;
      return { ...short, amps: [amps, amps, 0], volts: [faulted, faulted, 1] };
    }
    case "line-ground":
      return { ...short, amps: [amps, 0, 0], earthA: amps, volts: [left, 1, 1] };
  }
}
