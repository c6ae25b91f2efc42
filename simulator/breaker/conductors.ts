import type { Circuit } from "#simulator/physics/circuit.ts";
import type { Load } from "#simulator/physics/load.ts";
import type { Readings } from "#simulator/physics/readings.ts";
import type { Supply } from "#simulator/physics/supply.ts";
import { effectOf, type Fault, type FaultEffect } from "./fault.ts";

/** Deviation of the supply as this breaker sees it: a sag, a swell or a frequency excursion. */
export interface SupplyEvent {
  /** Share of the normal voltage. */
  readonly voltage: number;
  readonly offsetHz: number;
}

const noEvent: SupplyEvent = { voltage: 1, offsetHz: 0 };

export interface ConductorParts {
  readonly supply: Supply;
  readonly load: Load;
  readonly readings: Readings;
  readonly circuit: Circuit;
  readonly ratedA: number;
}

/** What flows through one breaker: supply, load and fault put together into coherent readings. */
export class Conductors {
  readonly #parts: ConductorParts;
  readonly #amps = new Float64Array(3);
  readonly #volts = new Float64Array(3);
  #event = noEvent;
  #fault: FaultEffect | undefined;

  constructor(parts: ConductorParts) {
    this.#parts = parts;
  }

  get fault(): FaultEffect | undefined {
    return this.#fault;
  }

  setFault(fault: Fault | undefined): void {
    const { circuit, ratedA } = this.#parts;
    this.#fault = fault === undefined ? undefined : effectOf(fault, circuit, ratedA);
  }

  setSupplyEvent(event: SupplyEvent = noEvent): void {
    this.#event = event;
  }

  /** Lowest phase voltage in front of the breaker, share of nominal. */
  get supplyShare(): number {
    const { supply } = this.#parts;
    return (Math.min(...supply.voltagesV) * this.#event.voltage) / supply.nominalV;
  }

  /** Works the readings out for closed or open contacts. */
  update(isConducting: boolean): void {
    const { supply, load, readings } = this.#parts;
    const fault = isConducting ? this.#fault : undefined;
    for (let phase = 0; phase < 3; phase += 1) {
      const loadA = isConducting ? (load.amps[phase] ?? 0) * (fault?.load[phase] ?? 1) : 0;
      this.#amps[phase] = Math.max(loadA, fault?.amps[phase] ?? 0);
      this.#volts[phase] = (supply.voltagesV[phase] ?? 0) * this.#event.voltage * (fault?.volts[phase] ?? 1);
    }
    const leakageA = isConducting ? 0.001 * (load.amps[0] ?? 0) : 0;
    readings.update({
      voltagesV: this.#volts,
      amps: this.#amps,
      phi: fault?.cosPhi === undefined ? load.phi : Math.acos(fault.cosPhi),
      thd: fault?.isSinusoidal === true ? 0 : load.thd,
      earthA: Math.max(leakageA, fault?.earthA ?? 0),
      frequencyHz: supply.frequencyHz + this.#event.offsetHz,
    });
  }
}
