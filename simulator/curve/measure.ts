import { Breaker } from "#simulator/breaker/breaker.ts";
import type { Frame } from "#simulator/breaker/frame.ts";
import type { Settings } from "#simulator/breaker/settings.ts";
import { Supply } from "#simulator/physics/supply.ts";
import { Random } from "#simulator/random.ts";
import { longestS } from "./characteristic.ts";

/** One trip of a simulated breaker on a test bench. */
export interface Measurement {
  readonly amps: number;
  /** From the beginning of the current until it was interrupted. */
  readonly clearS: number;
  readonly reason: string;
}

const stepMs = 100;

/** Sends a current through a cold breaker with these settings and waits for the trip; undefined when none comes. */
export function measureTrip(
  frame: Frame,
  settings: Settings,
  kind: "overload" | "ground",
  amps: number,
): Measurement | undefined {
  const random = new Random(`curve/${kind}/${amps}`);
  const breaker = new Breaker({
    id: "bench",
    supply: new Supply(400, 50, random),
    random,
    frame,
    settings,
    isNew: true,
    profile: { level: 0, motorShare: 0, motorStartsPerHour: 0, thd: 0 },
  });
  breaker.inject({ kind, amps }, longestS * 1000);
  // In steps, as in a running fleet: a delay must not depend on how often somebody looks.
  for (let nowMs = 0; nowMs < longestS * 1000 && breaker.lastTrip === undefined; nowMs += stepMs) {
    breaker.beginStep(nowMs, stepMs);
    breaker.advanceTo(nowMs + stepMs);
  }
  const trip = breaker.lastTrip;
  if (trip === undefined) return undefined;
  return { amps, clearS: (trip.atMs + trip.clearMs - trip.operateMs) / 1000, reason: trip.reason };
}
