import { ManualClock } from "#simulator/fleet/simulation-clock.ts";
import { World } from "#simulator/fleet/world.ts";
import { Random } from "#simulator/random.ts";
import type { Finding } from "./judge.ts";
import type { Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";

export interface Performance {
  readonly world: World;
  readonly findings: readonly Finding[];
}

/** A Monday morning: loads depend on the time of day, and the same scenario shall always give the same trips. */
const standardStartMs = Date.UTC(2026, 0, 5, 9);

/** Plays a scenario without a broker, as fast as the machine can; `each` sees the world after every step. */
export function playOffline(scenario: Scenario, each?: (world: World) => void): Performance {
  const clock = new ManualClock(scenario.startEpochMs ?? standardStartMs);
  const random = new Random(scenario.seed);
  const world = new World({ devices: scenario.devices, random, clock, stepMs: scenario.stepMs });
  const stage = new Stage(world, scenario);
  while (clock.now < scenario.durationMs) {
    clock.now = Math.min(scenario.durationMs, clock.now + scenario.stepMs);
    world.advanceTo(clock.now);
    each?.(world);
  }
  for (const { breaker } of world.devices.values()) breaker.advanceTo(scenario.durationMs);
  return { world, findings: stage.judge() };
}
