import type { DevicePlan } from "#simulator/fleet/plan.ts";
import type { ScenarioEvent } from "./scenario.ts";

/** When the demonstration begins, and until when its overload stays, simulation time. */
const startMs = 15_000;
const overloadMs = 35_000;

/** The device of the demonstration: the third one, or the last of a smaller fleet. */
export function demoDevice(plans: readonly DevicePlan[]): DevicePlan | undefined {
  return plans[Math.min(2, plans.length - 1)];
}

/** The plans with the demonstration's device set to reclose once after 5 s. */
export function withDemoSettings(plans: readonly DevicePlan[]): DevicePlan[] {
  const demo = demoDevice(plans);
  const settings = { AutoRecloseEnabled: 1, AutoRecloseAttempts: 1, AutoRecloseDelay: 5 };
  return plans.map((plan) => (plan === demo ? { ...plan, settings: { ...plan.settings, ...settings } } : plan));
}

/**
 * An overload of 3.6 times the long-time setting: the breaker trips about 20 s later, cools down, closes again by itself
 * after the overload has gone (a minute after the start) and calls the sequence over 10 s later.
 */
export function demoEvents(plans: readonly DevicePlan[]): ScenarioEvent[] {
  const demo = demoDevice(plans);
  if (demo === undefined) return [];
  const fault = { kind: "overload", amps: 900 } as const;
  const action = { kind: "fault", fault, durationMs: overloadMs } as const;
  return [{ atMs: startMs, deviceIds: [demo.id], action, line: 0 }];
}
