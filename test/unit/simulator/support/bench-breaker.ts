import { Breaker, type BreakerOptions } from "#simulator/breaker/breaker.ts";
import { Supply } from "#simulator/physics/supply.ts";
import { Random } from "#simulator/random.ts";

/** A new breaker as on a test bench: cold, without load, without noise from other elements unless settings say so. */
export function benchBreaker(options: Partial<BreakerOptions> & { readonly seed?: string } = {}): Breaker {
  const random = new Random(options.seed ?? "1");
  return new Breaker({
    id: "CB-0001",
    supply: new Supply(400, 50, random.fork("supply")),
    random: random.fork("CB-0001"),
    isNew: true,
    profile: { level: 0, motorShare: 0, motorStartsPerHour: 0, thd: 0 },
    ...options,
  });
}

/** Advances in steps of `stepMs` like the fleet does, until `untilMs`. */
export function runSteps(breaker: Breaker, untilMs: number, stepMs = 100): void {
  while (breaker.timeMs < untilMs) {
    breaker.beginStep(breaker.timeMs, stepMs);
    breaker.advanceTo(Math.min(untilMs, breaker.timeMs + stepMs));
  }
}

/** Pickups that no test current reaches. */
export const outOfReach = {
  OvercurrentPickup: 1e9,
  InstantaneousPickup: 1e9,
  GroundFaultPickup: 1e9,
  ArcFaultPickup: 1e9,
} as const;
