import { Breaker } from "#simulator/breaker/breaker.ts";
import { frames } from "#simulator/breaker/frame.ts";
import { Supply } from "#simulator/physics/supply.ts";
import type { Random } from "#simulator/random.ts";
import type { DevicePlan } from "./plan.ts";
import { SimulatedDevice } from "./simulated-device.ts";
import type { SimulationClock } from "./simulation-clock.ts";

export interface PanelOptions {
  readonly random: Random;
  readonly clock: SimulationClock;
  readonly stepMs: number;
  /** Simulation time of the first step: panels with different phases share the work out over a step. */
  readonly phaseMs: number;
}

/** A switchboard panel: one busbar and the breakers on it, advanced together step by step. */
export class Panel {
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  readonly #supply: Supply;
  readonly #clock: SimulationClock;
  readonly #stepMs: number;
  #nextStepMs: number;

  constructor(name: string, plans: readonly DevicePlan[], { random, clock, stepMs, phaseMs }: PanelOptions) {
    this.name = name;
    this.#clock = clock;
    this.#stepMs = stepMs;
    this.#nextStepMs = phaseMs;
    this.#supply = new Supply(400, 50, random.fork(name));
    this.devices = plans.map(({ id, frame, settings, profile }) => {
      const supply = this.#supply;
      const breaker = new Breaker({ id, supply, random: random.fork(id), frame: frames[frame], settings, profile });
      return new SimulatedDevice(breaker, clock);
    });
  }

  /** Advances every breaker through the steps due up to `toMs` (simulation time); steps begin at fixed times. */
  advanceTo(toMs: number): void {
    while (this.#nextStepMs <= toMs) {
      for (const { breaker } of this.devices) breaker.advanceTo(this.#nextStepMs);
      this.#supply.step(this.#stepMs);
      const epochMs = this.#clock.epochOf(this.#nextStepMs);
      for (const { breaker } of this.devices) breaker.beginStep(epochMs, this.#stepMs);
      this.#nextStepMs += this.#stepMs;
    }
  }
}

/** The panels of a plan, in the order in which they first appear. */
export function buildPanels(plans: readonly DevicePlan[], options: Omit<PanelOptions, "phaseMs">): Panel[] {
  const byPanel = Map.groupBy(plans, ({ panel }) => panel);
  return [...byPanel].map(([name, own], index) => {
    const phaseMs = Math.floor((options.stepMs * index) / byPanel.size);
    return new Panel(name, own, { ...options, phaseMs });
  });
}
