import type { ArcDetection } from "#simulator/breaker/frame.ts";
import type { Settings } from "#simulator/breaker/settings.ts";
import { instantMs } from "#simulator/instant.ts";
import type { Random } from "#simulator/random.ts";
import { AfddElement } from "./afdd-element.ts";
import { arcFlashWindow, instantaneousWindow, relayWindow, shortTimeWindow } from "./break-window.ts";
import { curveOfSetting } from "./curves.ts";
import { newMechanismMs, type ProtectionElement, type Sight, type TripCause } from "./element.ts";
import { InverseElement } from "./inverse-element.ts";
import { ThermalElement } from "./thermal-element.ts";
import { TimedElement } from "./timed-element.ts";

/** What the unit needs to know of the breaker that it protects. */
export interface ProtectedCircuit {
  readonly ratedA: number;
  /** Phase to neutral. */
  readonly nominalV: number;
  readonly arcDetection: ArcDetection;
}

/** An element that has decided to trip. */
export interface Operation {
  readonly cause: TripCause;
  /** Time from the element's pickup to its decision. */
  readonly pickupMs: number;
  /** A short-circuit element (50, 50TD) had picked up too: whichever was first, this was no overload. */
  readonly isShortCircuit: boolean;
}

/** The trip unit: every element sees the same conductors, the first to run out of time trips. */
export class ProtectionUnit {
  readonly thermal = new ThermalElement();
  readonly #circuit: ProtectedCircuit;
  readonly #inverse = new InverseElement();
  readonly #timed: ReturnType<typeof timedElements>;
  /** Fastest kind first: it names the trip when several are due in the same instant. */
  readonly #elements: readonly ProtectionElement[];
  #isEnabled = true;

  constructor(circuit: ProtectedCircuit, random: Random) {
    this.#circuit = circuit;
    this.#timed = timedElements(circuit, random);
    const { instantaneous, arc, ground, shortTime, ...others } = this.#timed;
    const arcElement = circuit.arcDetection === "afdd" ? new AfddElement() : arc;
    this.#elements = [
      instantaneous,
      arcElement,
      ground,
      shortTime,
      this.#inverse,
      this.thermal,
      ...Object.values(others),
    ];
  }

  /** Takes new settings over; running timers go on with the times they drew. */
  configure(settings: Settings): void {
    this.#isEnabled = settings.ProtectionEnabled !== 0;
    const curve = curveOfSetting(settings.LongTimeCurve);
    const { ThermalPickup: ir, ThermalDelay: tr, NeutralProtection: neutralShare } = settings;
    this.thermal.configure(ir, tr, { isTripping: curve === undefined, neutralShare });
    this.#inverse.configure(curve, ir, settings.TimeMultiplier);
    this.#configureFast(settings);
    this.#configureRelays(settings);
  }

  /** Shows new conductors to every element. */
  see(sight: Sight): void {
    for (const element of this.#elements) element.see(sight);
  }

  /** Time in ms until the first element decides to trip if nothing changes; Infinity when none will. */
  operatesInMs(): number {
    if (!this.#isEnabled) return Number.POSITIVE_INFINITY;
    let first = Number.POSITIVE_INFINITY;
    for (const element of this.#elements) first = Math.min(first, element.operatesInMs());
    return first;
  }

  advance(stepMs: number): void {
    for (const element of this.#elements) element.advance(stepMs);
  }

  /** The element that is due now; undefined when none is. */
  operated(): Operation | undefined {
    if (!this.#isEnabled) return undefined;
    const due = this.#elements.find((element) => element.operatesInMs() < instantMs);
    if (due === undefined) return undefined;
    const { instantaneous, shortTime } = this.#timed;
    const isShortCircuit = instantaneous.pickedUpMs !== undefined || shortTime.pickedUpMs !== undefined;
    return { cause: due.cause, pickupMs: due.pickedUpMs ?? 0, isShortCircuit };
  }

  /** Gives up running timers (the breaker opened); thermal memory and disk travel stay. */
  opened(): void {
    for (const element of this.#elements) element.opened();
  }

  #configureFast(settings: Settings): void {
    const { shortTime, instantaneous, ground, arc } = this.#timed;
    const rampTo = 10 * settings.ThermalPickup;
    const { OvercurrentDelay: tsd, GroundFaultDelay: tg, GroundFaultPickup: ig } = settings;
    shortTime.configure(
      settings.OvercurrentPickup,
      shortTimeWindow(tsd),
      settings.ShortTimeI2t === 0 ? undefined : rampTo,
    );
    ground.configure(ig, shortTimeWindow(tg), settings.GroundFaultI2t === 0 ? undefined : 2 * this.#circuit.ratedA);
    instantaneous.configure(settings.InstantaneousPickup, instantaneousWindow);
    const arcDelayMs = this.#circuit.arcDetection === "flash" ? 0 : settings.ArcFaultDelay;
    arc.configure(settings.ArcFaultPickup, arcFlashWindow(arcDelayMs, newMechanismMs));
  }

  #configureRelays(settings: Settings): void {
    const { undervoltage, overvoltage, underfrequency, overfrequency, unbalance } = this.#timed;
    const volt = this.#circuit.nominalV / 100;
    const on = (enabled: number, threshold: number): number => (enabled === 0 ? Number.NaN : threshold);
    const s = settings;
    undervoltage.configure(on(s.UndervoltageEnabled, s.UndervoltagePickup * volt), seconds(s.UndervoltageDelay));
    overvoltage.configure(on(s.OvervoltageEnabled, s.OvervoltagePickup * volt), seconds(s.OvervoltageDelay));
    underfrequency.configure(on(s.UnderfrequencyEnabled, s.UnderfrequencyPickup), seconds(s.UnderfrequencyDelay));
    overfrequency.configure(on(s.OverfrequencyEnabled, s.OverfrequencyPickup), seconds(s.OverfrequencyDelay));
    const unbalanceA = (s.UnbalancePickup / 100) * this.#circuit.ratedA;
    unbalance.configure(on(s.UnbalanceEnabled, unbalanceA), seconds(s.UnbalanceDelay));
  }
}

function seconds(delayS: number) {
  return relayWindow(delayS * 1000);
}

/** Below every undervoltage and underfrequency threshold nothing is seen while there is nothing to protect. */
const healthy = Number.POSITIVE_INFINITY;

function timedElements({ nominalV }: ProtectedCircuit, random: Random) {
  const over = (cause: TripCause, input: (sight: Sight) => number, dropOutRatio = 0.95): TimedElement =>
    new TimedElement({ cause, random, input, dropOutRatio });
  const under = (cause: TripCause, input: (sight: Sight) => number, dropOutRatio: number): TimedElement =>
    new TimedElement({ cause, random, input, dropOutRatio, isUnder: true });
  const lowest = (volts: Float64Array): number => Math.min(volts[0] ?? 0, volts[1] ?? 0, volts[2] ?? 0);
  const highest = (volts: Float64Array): number => Math.max(volts[0] ?? 0, volts[1] ?? 0, volts[2] ?? 0);
  return {
    instantaneous: over("Instantaneous", ({ readings }) => readings.maxA),
    arc: over("ArcFault", ({ readings, isLit }) => (isLit ? readings.maxA : 0)),
    ground: over("GroundFault", ({ readings }) => readings.earthA),
    shortTime: over("Overcurrent", ({ readings }) => readings.maxA),
    undervoltage: under("Undervoltage", (s) => (s.isConducting ? lowest(s.readings.voltagesV) : healthy), 0.97),
    overvoltage: over("Overvoltage", (s) => (s.isConducting ? highest(s.readings.voltagesV) : 0), 0.97),
    // Frequency is not measured on a dead line: below a fifth of the voltage the elements are blocked.
    underfrequency: under("Underfrequency", (s) => (isLive(s, nominalV) ? s.readings.frequencyHz : healthy), 0.999),
    overfrequency: over("Overfrequency", (s) => (isLive(s, nominalV) ? s.readings.frequencyHz : 0), 0.999),
    unbalance: over("Unbalance", ({ readings }) => readings.negativeSequenceA),
  };
}

function isLive({ isConducting, readings }: Sight, nominalV: number): boolean {
  return isConducting && (readings.voltagesV[0] ?? 0) > 0.2 * nominalV;
}
