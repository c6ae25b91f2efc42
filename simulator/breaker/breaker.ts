import { instantMs } from "#simulator/instant.ts";
import { Circuit } from "#simulator/physics/circuit.ts";
import { ContactWear } from "#simulator/physics/contact-wear.ts";
import { Load, type LoadProfile, randomProfile } from "#simulator/physics/load.ts";
import { Readings } from "#simulator/physics/readings.ts";
import type { Supply } from "#simulator/physics/supply.ts";
import { Terminal } from "#simulator/physics/terminal.ts";
import type { Sight } from "#simulator/protection/element.ts";
import { type Operation, ProtectionUnit } from "#simulator/protection/protection-unit.ts";
import type { Random } from "#simulator/random.ts";
import { Ageing } from "./ageing.ts";
import { Agenda } from "./agenda.ts";
import { Conductors, type SupplyEvent } from "./conductors.ts";
import { Counters } from "./counters.ts";
import type { Fault } from "./fault.ts";
import { type Frame, frames } from "./frame.ts";
import { Mechanism, Position } from "./mechanism.ts";
import { type Nameplate, nameplateOf } from "./nameplate.ts";
import { type Reclosable, Recloser } from "./recloser.ts";
import { Selection } from "./selection.ts";
import type { Settings } from "./settings.ts";
import { TestBench } from "./test-bench.ts";
import { type TripRecord, tripRecordOf } from "./trip-record.ts";

/** The draw-out cradle as the package numbers it. */
export const Cradle = { disconnected: 0, connected: 1, test: 2 } as const;

export interface BreakerOptions {
  readonly id: string;
  readonly supply: Supply;
  readonly random: Random;
  readonly frame?: Frame;
  readonly settings?: Partial<Settings>;
  readonly profile?: Partial<LoadProfile>;
  /** A new breaker has no history; others start with a plausible one. */
  readonly isNew?: boolean;
}

/**
 * One breaker: conductors, trip unit, mechanism and counters on one simulation time line (ms since the start).
 * Between two instants at which something changes the currents are constant, so every element is advanced exactly.
 */
export class Breaker implements Reclosable {
  readonly id: string;
  readonly frame: Frame;
  readonly nameplate: Nameplate;
  readonly settings: Settings;
  readonly readings = new Readings();
  readonly load: Load;
  readonly circuit: Circuit;
  readonly protection: ProtectionUnit;
  readonly mechanism: Mechanism;
  readonly recloser: Recloser;
  readonly selection = new Selection();
  readonly tests: TestBench;
  readonly terminal: Terminal;
  readonly wear: ContactWear;
  readonly counters = new Counters();
  readonly ageing: Ageing;
  readonly agenda = new Agenda();
  timeMs = 0;
  /** Latched by a protection trip until reset (94). */
  isTripped = false;
  cradle: number = Cradle.connected;
  isLocal = false;
  isEarthed = false;
  lastTrip: TripRecord | undefined;
  /** Told of every protection trip at its decision. */
  onTrip: (trip: TripRecord) => void = () => {};
  /** Grows with every change that is reported at once: position, latch, settings, results. */
  stateVersion = 0;
  readonly #conductors: Conductors;
  #faultEnd: Disposable | undefined;
  #eventEnd: Disposable | undefined;
  #runUpMs = 20;

  constructor({ id, supply, random, frame = frames["mccb-250"], settings, profile, isNew = false }: BreakerOptions) {
    const { ratedA } = frame;
    this.id = id;
    this.frame = frame;
    this.nameplate = nameplateOf(frame, random.fork("nameplate"));
    this.settings = { ...frame.standard, ...settings };
    this.load = new Load(ratedA, { ...randomProfile(random.fork("profile")), ...profile }, random.fork("load"));
    this.circuit = circuitOf(frame, supply, random.fork("circuit"));
    const { arcDetection } = frame;
    this.protection = new ProtectionUnit(
      { ratedA, nominalV: supply.nominalV, arcDetection },
      random.fork("protection"),
    );
    this.mechanism = new Mechanism(true, this.agenda, random.fork("mechanism"));
    this.recloser = new Recloser(this);
    this.tests = new TestBench(this);
    this.wear = new ContactWear(frame.endurance);
    const { load, readings, circuit } = this;
    this.#conductors = new Conductors({ supply, load, readings, circuit, ratedA });
    const usualA = load.amps[0] ?? 0;
    this.terminal = new Terminal(ratedA, random.between(20, 28), usualA);
    this.protection.configure(this.settings);
    this.protection.thermal.preload(usualA);
    const { wear, terminal, mechanism, counters } = this;
    this.ageing = new Ageing({ frame, wear, terminal, mechanism, counters });
    if (!isNew) this.ageing.season(random.fork("history"));
    this.#look();
  }

  get isArcing(): boolean {
    const fault = this.mechanism.isConducting ? this.#conductors.fault : undefined;
    return fault !== undefined && (fault.isLit || fault.seriesArcA > 0);
  }

  /** Time in ms until the trip unit trips if nothing changes; Infinity when it will not. */
  get tripsInMs(): number {
    if (!this.mechanism.isConducting || this.mechanism.isOpening) return Number.POSITIVE_INFINITY;
    return this.protection.operatesInMs();
  }

  /** Begins the next step of `stepMs`: the load takes new values, ageing goes on. */
  beginStep(epochMs: number, stepMs: number): void {
    // Starting currents are followed in shorter steps, as short as the fleet's step makes sensible.
    this.#runUpMs = Math.min(500, Math.max(20, stepMs / 5));
    this.load.step(epochMs, stepMs);
    this.ageing.advance(this.timeMs, stepMs);
    this.#look();
  }

  /** Moves on to `endMs`, stopping at every exact instant at which something operates. */
  advanceTo(endMs: number): void {
    while (this.timeMs < endMs) {
      const isStarting = this.load.isStarting;
      const tripsInMs = this.tripsInMs;
      const runUp = isStarting ? this.timeMs + this.#runUpMs : Number.POSITIVE_INFINITY;
      const next = Math.min(endMs, this.agenda.nextMs, this.timeMs + tripsInMs, runUp);
      const stepMs = next - this.timeMs;
      this.#integrate(stepMs);
      this.timeMs = next;
      this.agenda.run(next);
      if (tripsInMs - stepMs < instantMs) this.#tripIfDue();
      if (isStarting) {
        this.load.runUp(stepMs);
        this.#look();
      }
    }
  }

  /** Puts a fault behind the breaker for `durationMs`; it is gone afterwards whether or not the breaker tripped. */
  inject(fault: Fault, durationMs: number): void {
    this.clearFault();
    this.#conductors.setFault(fault);
    this.#faultEnd = this.agenda.at(this.timeMs + durationMs, () => this.clearFault());
    this.#look();
    this.changed();
  }

  clearFault(): void {
    this.#faultEnd?.[Symbol.dispose]();
    this.#conductors.setFault(undefined);
    this.#look();
    this.changed();
  }

  /** Lets the supply deviate for `durationMs`. */
  disturbSupply(event: SupplyEvent, durationMs: number): void {
    this.#eventEnd?.[Symbol.dispose]();
    this.#conductors.setSupplyEvent(event);
    this.#eventEnd = this.agenda.at(this.timeMs + durationMs, () => {
      this.#conductors.setSupplyEvent();
      this.#look();
    });
    this.#look();
  }

  startMotor(ratio?: number, share?: number): void {
    this.load.startMotor(ratio, share);
    this.#look();
  }

  /** Opens by command; the trip latch stays as it is. */
  openByCommand(): void {
    const startMs = this.timeMs;
    this.recloser.cancel();
    this.mechanism.open(startMs, () => {
      if (this.mechanism.position === Position.open) {
        this.lastTrip = tripRecordOf(this, "RemoteCommand", { operateMs: 0, clearMs: this.timeMs - startMs });
        this.counters.tripped("RemoteCommand");
      }
      this.#moved();
    });
    this.changed();
  }

  closeByCommand(): void {
    this.recloser.cancel();
    this.mechanism.close(this.timeMs, () => this.#moved());
    this.changed();
  }

  reclose(done: () => void): void {
    this.isTripped = false;
    this.mechanism.close(this.timeMs, () => {
      this.#moved();
      done();
    });
    this.changed();
  }

  closableInMs(): number {
    const { settings } = this;
    if (this.cradle !== Cradle.connected || this.isLocal || this.isEarthed) return Number.POSITIVE_INFINITY;
    if (this.mechanism.position !== Position.open) return Number.POSITIVE_INFINITY;
    // Without a healthy supply the undervoltage release would drop the contacts again.
    if (settings.UndervoltageEnabled !== 0 && this.#conductors.supplyShare * 100 < settings.UndervoltagePickup)
      return 1_000;
    return this.coolsInMs();
  }

  /** Time in ms until the thermal image allows closing; 0 when it does. */
  coolsInMs(): number {
    return this.protection.thermal.coolsInMs(this.settings.RecloseThermalLevel / 100);
  }

  /** Takes changed settings over. */
  reconfigure(): void {
    this.protection.configure(this.settings);
    this.#look();
    this.changed();
  }

  changed(): void {
    this.stateVersion += 1;
  }

  #tripIfDue(): void {
    if (this.tripsInMs > instantMs) return;
    const operation = this.protection.operated();
    if (operation !== undefined) this.#trip(operation);
  }

  #trip({ cause, pickupMs, isShortCircuit }: Operation): void {
    const clearMs = pickupMs + this.mechanism.tripMs;
    this.lastTrip = tripRecordOf(this, cause, { operateMs: pickupMs, clearMs });
    this.onTrip(this.lastTrip);
    this.isTripped = true;
    this.counters.tripped(cause);
    this.mechanism.trip(this.timeMs, () => {
      this.#moved();
      this.recloser.opened(cause, isShortCircuit);
    });
    this.changed();
  }

  /** The contacts have arrived somewhere. */
  #moved(): void {
    if (this.mechanism.position === Position.open) {
      this.wear.interrupted(this.readings.currentsA, this.mechanism.lastOpeningMs / 2);
      this.counters.operations += 1;
      this.protection.opened();
    }
    this.#look();
    this.changed();
  }

  #integrate(stepMs: number): void {
    if (stepMs <= 0) return;
    this.protection.advance(stepMs);
    this.terminal.advance(stepMs, this.readings.maxA);
    if (!this.mechanism.isConducting) return;
    this.counters.run(stepMs, this.readings.activeKw, (100 * this.readings.maxA) / this.nameplate.ratedA);
  }

  /** Works out what flows now and shows it to the trip unit. */
  #look(): void {
    const { isConducting } = this.mechanism;
    this.#conductors.update(isConducting);
    const fault = isConducting ? this.#conductors.fault : undefined;
    this.#sight.isLit = fault?.isLit ?? false;
    this.#sight.seriesArcA = fault?.seriesArcA ?? 0;
    this.#sight.isConducting = isConducting;
    this.protection.see(this.#sight);
  }

  readonly #sight: { -readonly [Key in keyof Sight]: Sight[Key] } = {
    readings: this.readings,
    isLit: false,
    seriesArcA: 0,
    isConducting: false,
  };
}

function circuitOf({ breakingKa }: Frame, supply: Supply, random: Random): Circuit {
  const prospectiveA = breakingKa * 1000 * random.between(0.5, 0.8);
  return new Circuit(supply.nominalV, prospectiveA, random.between(20, 80));
}
