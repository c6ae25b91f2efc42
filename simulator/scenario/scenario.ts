import type { DeviceAction } from "#simulator/fleet/device-action.ts";
import type { DevicePlan } from "#simulator/fleet/plan.ts";
import type { TripCause } from "#simulator/protection/element.ts";

/** Something that happens to devices at a simulation time. */
export interface ScenarioEvent {
  readonly atMs: number;
  readonly deviceIds: readonly string[];
  readonly action: DeviceAction;
  /** Line of the scenario file. */
  readonly line: number;
}

/** A closed range. */
export type Between = readonly [low: number, high: number];

/** What must have come true for one device when the scenario ends. */
export interface Expectation {
  readonly deviceId: string;
  readonly line: number;
  /** Protection trips. */
  readonly trips: number | undefined;
  /** There was a trip by this cause, at a simulation time and with a breaking time inside these ranges (ms). */
  readonly reason: TripCause | undefined;
  readonly betweenMs: Between | undefined;
  readonly clearMs: Between | undefined;
  readonly position: "open" | "closed" | "bad" | undefined;
  readonly tripped: boolean | undefined;
  readonly lockedOut: boolean | undefined;
  readonly maintenanceDue: boolean | undefined;
  readonly temperatureCel: Between | undefined;
  readonly wearPercent: Between | undefined;
  readonly openingMs: Between | undefined;
}

/** A checked scenario: it can be played. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly seed: string;
  readonly durationMs: number;
  readonly acceleration: number;
  /** Simulated time between two sets of load values. */
  readonly stepMs: number;
  /** Calendar time of the start; undefined = now when played live, a fixed morning when played offline. */
  readonly startEpochMs: number | undefined;
  readonly periodMs: number;
  readonly devices: readonly DevicePlan[];
  readonly events: readonly ScenarioEvent[];
  readonly expectations: readonly Expectation[];
}

/** What is wrong with a scenario file, by line. */
export interface ScenarioProblem {
  readonly line: number;
  readonly message: string;
}
