import { Readings } from "#simulator/physics/readings.ts";
import { afddTimeS } from "#simulator/protection/afdd-element.ts";
import { shortTimeWindow } from "#simulator/protection/break-window.ts";
import { curveOfSetting, operateTimeS } from "#simulator/protection/curves.ts";
import { newMechanismMs, type Sight } from "#simulator/protection/element.ts";
import { ProtectionUnit } from "#simulator/protection/protection-unit.ts";
import { thermalK, thermalTauS, thermalTripTimeS } from "#simulator/protection/thermal-element.ts";
import { Random } from "#simulator/random.ts";
import type { Frame } from "./frame.ts";
import type { Settings } from "./settings.ts";

/** Elements that a test can inject into, in the order of a full ProtectionTest. */
export const testElements = ["Overcurrent", "GroundFault", "ArcFault", "Thermal"] as const;

export type TestElement = (typeof testElements)[number];

export function isTestElement(text: string): text is TestElement {
  return testElements.some((element) => element === text);
}

export interface Injection {
  readonly element: TestElement;
  readonly settings: Settings;
  readonly frame: Frame;
  /** Multiple of the element's pickup; undefined takes one that shows the delay well. */
  readonly level: number | undefined;
  /** Opening time of the mechanism as it is today. */
  readonly mechanismMs: number;
}

export interface InjectionResult {
  /** Smallest and largest good time until the current would be interrupted. */
  readonly expectedMs: readonly [number, number];
  /** Infinity when the element did not operate within an hour. */
  readonly measuredMs: number;
}

const longestMs = 3_600_000;

/**
 * Sends a test current through a cold copy of the trip unit with the same settings, the other elements kept quiet, and
 * compares the time with the characteristic.
 */
export function injectCurrent(injection: Injection): InjectionResult {
  const { element, settings, frame, mechanismMs } = injection;
  const amps = injectedAmps(injection);
  const { ratedA, arcDetection } = frame;
  const unit = new ProtectionUnit({ ratedA, nominalV: 230.9, arcDetection }, new Random(`${element}${amps}`));
  unit.configure(alone(element, settings));
  unit.see(sightOf(element, amps));
  const operateMs = unit.operatesInMs();
  const measuredMs = operateMs > longestMs ? Number.POSITIVE_INFINITY : operateMs + mechanismMs;
  return { expectedMs: expectedMs(injection, amps), measuredMs };
}

function injectedAmps({ element, settings, frame, level }: Injection): number {
  switch (element) {
    case "Overcurrent":
      return settings.OvercurrentPickup * (level ?? 1.5);
    case "GroundFault":
      return settings.GroundFaultPickup * (level ?? 2);
    case "ArcFault":
      return frame.arcDetection === "afdd" ? 2.5 * (level ?? 4) : settings.ArcFaultPickup * (level ?? 2);
    case "Thermal":
      return settings.ThermalPickup * (level ?? 6);
  }
}

/** The element under test with its settings, every other out of reach. */
function alone(element: TestElement, settings: Settings): Settings {
  const far = Number.POSITIVE_INFINITY;
  return {
    ...settings,
    ProtectionEnabled: 1,
    ThermalPickup: element === "Thermal" ? settings.ThermalPickup : 1e9,
    OvercurrentPickup: element === "Overcurrent" ? settings.OvercurrentPickup : far,
    InstantaneousPickup: far,
    GroundFaultPickup: element === "GroundFault" ? settings.GroundFaultPickup : far,
    ArcFaultPickup: element === "ArcFault" ? settings.ArcFaultPickup : far,
    ShortTimeI2t: 0,
    GroundFaultI2t: 0,
  };
}

function sightOf(element: TestElement, amps: number): Sight {
  const readings = new Readings();
  const earthA = element === "GroundFault" ? amps : 0;
  readings.update({
    voltagesV: Float64Array.of(230.9, 230.9, 230.9),
    amps: earthA > 0 ? Float64Array.of(amps, 0, 0) : Float64Array.of(amps, amps, amps),
    phi: 0,
    thd: 0,
    earthA,
    frequencyHz: 50,
  });
  const isArc = element === "ArcFault";
  return { readings, isLit: isArc, seriesArcA: isArc ? amps : 0, isConducting: true };
}

function expectedMs({ element, settings, frame }: Injection, amps: number): readonly [number, number] {
  switch (element) {
    case "Overcurrent":
      return windowMs(settings.OvercurrentDelay);
    case "GroundFault":
      return windowMs(settings.GroundFaultDelay);
    case "ArcFault": {
      if (frame.arcDetection === "afdd") return [0, afddTimeS(amps) * 1000 + 5];
      const delayMs = frame.arcDetection === "flash" ? 0 : settings.ArcFaultDelay;
      return [delayMs, delayMs + 25 + 2 * newMechanismMs];
    }
    case "Thermal": {
      const timeMs = longTimeMs(settings, amps) + newMechanismMs;
      return [0.9 * timeMs, 1.1 * timeMs];
    }
  }
}

/** A new mechanism may be a few milliseconds slow before the window is missed. */
function windowMs(delayMs: number): readonly [number, number] {
  const { fromMs, toMs } = shortTimeWindow(delayMs);
  return [fromMs, toMs + 3];
}

function longTimeMs(settings: Settings, amps: number): number {
  const curve = curveOfSetting(settings.LongTimeCurve);
  if (curve !== undefined) return 1000 * operateTimeS(curve, amps / settings.ThermalPickup, settings.TimeMultiplier);
  return 1000 * thermalTripTimeS(thermalTauS(settings.ThermalDelay), thermalK * settings.ThermalPickup, amps);
}
