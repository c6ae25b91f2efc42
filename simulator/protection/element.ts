import type { Readings } from "#simulator/physics/readings.ts";

/** Why a trip unit trips; each cause belongs to one element. */
export const tripCauses = [
  "Thermal",
  "InverseTime",
  "Overcurrent",
  "Instantaneous",
  "GroundFault",
  "ArcFault",
  "Undervoltage",
  "Overvoltage",
  "Underfrequency",
  "Overfrequency",
  "Unbalance",
] as const;

export type TripCause = (typeof tripCauses)[number];

/**
 * Time from the trip latch to the end of the arc with a new mechanism, ms. Elements whose breaking time is specified decide
 * that much earlier; a slower mechanism makes the breaking time longer.
 */
export const newMechanismMs = 12;

/** What the elements see: the measurements and the arc sensor. */
export interface Sight {
  readonly readings: Readings;
  /** Light in the compartment. */
  readonly isLit: boolean;
  /** Current of a series arc in the circuit, rms; 0 without one. */
  readonly seriesArcA: number;
  /** The breaker conducts: voltage and frequency elements have something to protect. */
  readonly isConducting: boolean;
}

/**
 * One protection function. Between two looks its input is constant, so it can tell exactly when it will operate; its time
 * counts from its own pickup, whatever the rhythm of looking.
 */
export interface ProtectionElement {
  readonly cause: TripCause;
  /** Time since pickup in ms; undefined while not picked up. */
  readonly pickedUpMs: number | undefined;
  /** Takes a new input: picks up, goes on or drops out. */
  see(sight: Sight): void;
  /** Time in ms until it decides to trip if nothing changes; Infinity while it will not. */
  operatesInMs(): number;
  advance(stepMs: number): void;
  /** Gives up running timers after the breaker opened; memories stay. */
  opened(): void;
}
