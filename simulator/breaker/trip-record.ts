import { peakRatio } from "#simulator/physics/circuit.ts";
import type { Load } from "#simulator/physics/load.ts";
import type { Readings } from "#simulator/physics/readings.ts";
import type { TripCause } from "#simulator/protection/element.ts";

/** Everything a trip unit keeps about the last opening that it (or a command) caused. */
export interface TripRecord {
  readonly reason: TripCause | "RemoteCommand";
  /** Simulation time of the decision. */
  readonly atMs: number;
  /** rms per pole at the decision. */
  readonly currentsA: readonly number[];
  /** The current that decided: the highest phase, or the earth current of a ground fault. */
  readonly currentA: number;
  /** First asymmetrical peak of that current. */
  readonly peakA: number;
  /** Time from the element's pickup to its decision. */
  readonly operateMs: number;
  /** Time from pickup until the current was interrupted. */
  readonly clearMs: number;
  /** Thermal capacity used at the decision, 1 = trip level. */
  readonly thermalLevel: number;
  /** Highest phase current of the load without the fault. */
  readonly loadA: number;
}

/** The state of a breaker that a trip record is taken from. */
export interface TripScene {
  readonly timeMs: number;
  readonly readings: Readings;
  readonly load: Load;
  readonly protection: { readonly thermal: { readonly level: number } };
}

/** The record of a trip that is decided now. */
export function tripRecordOf(
  { timeMs, readings, load, protection }: TripScene,
  reason: TripRecord["reason"],
  times: Pick<TripRecord, "operateMs" | "clearMs">,
): TripRecord {
  const currentA = reason === "GroundFault" ? readings.earthA : readings.maxA;
  return {
    reason,
    atMs: timeMs,
    currentsA: [...readings.currentsA],
    currentA,
    peakA: currentA * peakRatio(currentA),
    ...times,
    thermalLevel: protection.thermal.level,
    loadA: Math.max(...load.amps),
  };
}
