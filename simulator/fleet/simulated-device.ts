import { AddCause, accepted, type ControlResult } from "#simulator/breaker/add-cause.ts";
import type { Breaker } from "#simulator/breaker/breaker.ts";
import { type BreakerCommand, execute, writeSetting } from "#simulator/breaker/control.ts";
import type { SettingName } from "#simulator/breaker/settings.ts";
import type { LinkState } from "#simulator/breaker/test-bench.ts";
import { type Impairment, noImpairment } from "./impairment.ts";
import type { SimulationClock } from "./simulation-clock.ts";

/** One way of a device to the outside world, as the device sees it. */
export interface DeviceLink {
  readonly state: LinkState;
  /** Asks for a fresh round trip. */
  probe(): void;
  /** Cuts the connection without a goodbye for `realMs`. */
  cut(realMs: number): void;
  /** The device stops or resumes communicating while its connection (or its edge node's) stays. */
  setLost(isLost: boolean): void;
}

/** A breaker with its communication side: its clock, whether it listens, what it answered last. */
export class SimulatedDevice {
  readonly breaker: Breaker;
  readonly links: DeviceLink[] = [];
  /** Silent devices go on measuring and reporting but ignore every command. */
  isSilent = false;
  impairment: Impairment = noImpairment;
  /** Correlation id of the last command that carried one. */
  lastCommandId: number | undefined;
  lastResult: ControlResult | undefined;
  readonly #clock: SimulationClock;
  #skewMs = 0;
  #driftPpm = 0;
  #driftFromMs = 0;
  #isLost = false;

  constructor(breaker: Breaker, clock: SimulationClock) {
    this.breaker = breaker;
    this.#clock = clock;
    breaker.tests.links = () => this.links.map((link) => link.state);
    breaker.tests.probeLinks = () => {
      for (const link of this.links) link.probe();
    };
  }

  get id(): string {
    return this.breaker.id;
  }

  /** The device does not communicate although its connection may stand. */
  get isLost(): boolean {
    return this.#isLost;
  }

  setLost(isLost: boolean): void {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    for (const link of this.links) link.setLost(isLost);
  }

  /** Sets the error of the device's clock from now on. */
  setClock(skewMs: number, driftPpm: number): void {
    this.#skewMs = skewMs;
    this.#driftPpm = driftPpm;
    this.#driftFromMs = this.breaker.timeMs;
  }

  /** Epoch ms of a simulation time as this device's clock shows it; now when left out. */
  epochMs(atMs = this.breaker.timeMs): number {
    const driftMs = ((atMs - this.#driftFromMs) * this.#driftPpm) / 1e6;
    return Math.round(this.#clock.epochOf(atMs) + this.#skewMs + driftMs);
  }

  /** Real ms until a simulation time. */
  realMsUntil(simulationMs: number): number {
    return this.#clock.realMsUntil(simulationMs);
  }

  /** Real ms of a simulated duration. */
  realDuration(simulatedMs: number): number {
    const now = this.#clock.nowMs();
    return this.#clock.realMsUntil(now + simulatedMs);
  }

  /** Catches up with real time, so that a command meets the present state. */
  catchUp(): void {
    this.breaker.advanceTo(this.#clock.nowMs());
  }

  command(command: BreakerCommand): ControlResult {
    this.catchUp();
    return execute(this.breaker, command);
  }

  write(name: SettingName, value: number): ControlResult {
    this.catchUp();
    return writeSetting(this.breaker, name, value);
  }

  /** Keeps the answer to a message of commands and writes: the first refusal, or acceptance. */
  answer(results: readonly ControlResult[], id: number | undefined): ControlResult {
    this.lastCommandId = id ?? this.lastCommandId;
    this.lastResult = results.find(({ addCause }) => addCause !== AddCause.accepted) ?? accepted;
    this.breaker.changed();
    return this.lastResult;
  }
}
