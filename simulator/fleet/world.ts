import type { Random } from "#simulator/random.ts";
import { buildPanels, type Panel } from "./panel.ts";
import type { DevicePlan } from "./plan.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import type { SimulationClock } from "./simulation-clock.ts";

export interface WorldOptions {
  readonly devices: readonly DevicePlan[];
  readonly random: Random;
  readonly clock: SimulationClock;
  readonly stepMs: number;
}

/** The breakers of a fleet and their time line, without any communication. */
export class World {
  readonly panels: readonly Panel[];
  readonly clock: SimulationClock;
  readonly #devices = new Map<string, SimulatedDevice>();

  constructor({ devices, random, clock, stepMs }: WorldOptions) {
    this.clock = clock;
    this.panels = buildPanels(devices, { random, clock, stepMs });
    for (const panel of this.panels) for (const device of panel.devices) this.#devices.set(device.id, device);
  }

  get devices(): ReadonlyMap<string, SimulatedDevice> {
    return this.#devices;
  }

  /** Advances every panel through the steps due up to a simulation time. */
  advanceTo(toMs: number): void {
    for (const panel of this.panels) panel.advanceTo(toMs);
  }
}

/** The step for an acceleration: 100 ms in real time, longer when time runs fast, at most ten minutes. */
export function stepFor(acceleration: number): number {
  return Math.min(600_000, Math.max(100, 10 * acceleration));
}
