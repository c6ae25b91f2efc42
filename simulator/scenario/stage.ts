import type { TripRecord } from "#simulator/breaker/trip-record.ts";
import { applyAction } from "#simulator/fleet/device-action.ts";
import type { World } from "#simulator/fleet/world.ts";
import { type Finding, judge } from "./judge.ts";
import type { Scenario, ScenarioEvent } from "./scenario.ts";

/** Puts the events of a scenario on the time lines of the devices and watches what comes of them. */
export class Stage {
  readonly #world: World;
  readonly #scenario: Pick<Scenario, "events" | "expectations">;
  readonly #trips = new Map<string, TripRecord[]>();
  readonly #refusals: Finding[] = [];

  constructor(world: World, scenario: Pick<Scenario, "events" | "expectations">) {
    this.#world = world;
    this.#scenario = scenario;
    for (const device of world.devices.values()) {
      device.breaker.onTrip = (trip) => this.#tripsOf(device.id).push(trip);
    }
    for (const event of scenario.events) this.#arrange(event);
  }

  /** Everything expected with what was found, and every action that a device refused. */
  judge(): Finding[] {
    const findings = this.#scenario.expectations.flatMap((expectation) => {
      const device = this.#world.devices.get(expectation.deviceId);
      return device === undefined ? [] : judge(expectation, device, this.#tripsOf(device.id));
    });
    return [...this.#refusals, ...findings];
  }

  #arrange({ atMs, deviceIds, action, line }: ScenarioEvent): void {
    for (const deviceId of deviceIds) {
      const device = this.#world.devices.get(deviceId);
      device?.breaker.agenda.at(atMs, () => {
        const refusal = applyAction(device, action);
        if (refusal !== undefined) this.#refusals.push({ line, deviceId, text: `refused: ${refusal}`, isMet: false });
      });
    }
  }

  #tripsOf(id: string): TripRecord[] {
    const known = this.#trips.get(id) ?? [];
    this.#trips.set(id, known);
    return known;
  }
}
