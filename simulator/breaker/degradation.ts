export const degradationKinds = ["bad-joint", "slow-mechanism", "worn-contact"] as const;

export type DegradationKind = (typeof degradationKinds)[number];

/** A scripted ageing process; its size grows as `perDay` * days^shape from its beginning on. */
export interface Degradation {
  readonly kind: DegradationKind;
  /** Growth on the first day: K of terminal rise, percent of moving time, percent of contact life. */
  readonly perDay: number;
  /** 1 = steady, 2 = accelerating. */
  readonly shape: number;
  /** Simulation time of its beginning. */
  readonly fromMs: number;
}

/** The size at which the part counts as failed: rise above the permitted 80 K, opening time doubled, contact used up. */
const failureSizes: Readonly<Record<DegradationKind, number>> = {
  "bad-joint": 35,
  "slow-mechanism": 100,
  "worn-contact": 100,
};

/** What is really going on in a degrading breaker, for judging predictions. */
export interface DegradationTruth {
  readonly device: string;
  readonly kind: DegradationKind;
  readonly fromMs: number;
  readonly atMs: number;
  readonly size: number;
  /** Simulation time at which the size reaches its failure size. */
  readonly failsAtMs: number;
}

const dayMs = 86_400_000;

export function isDegradationKind(text: string): text is DegradationKind {
  return degradationKinds.some((kind) => kind === text);
}

/** Size of a degradation at a simulation time, in the unit of its kind. */
export function sizeAt({ perDay, shape, fromMs }: Degradation, atMs: number): number {
  return atMs <= fromMs ? 0 : perDay * ((atMs - fromMs) / dayMs) ** shape;
}

/** Simulation time at which the part fails. */
function failureTimeMs({ kind, perDay, shape, fromMs }: Degradation): number {
  return fromMs + dayMs * (failureSizes[kind] / perDay) ** (1 / shape);
}

export function truthOf(device: string, degradation: Degradation, atMs: number): DegradationTruth {
  const { kind, fromMs } = degradation;
  return { device, kind, fromMs, atMs, size: sizeAt(degradation, atMs), failsAtMs: failureTimeMs(degradation) };
}
