import type { Frame } from "#simulator/breaker/frame.ts";
import type { Settings } from "#simulator/breaker/settings.ts";
import { instantaneousWindow, shortTimeWindow } from "#simulator/protection/break-window.ts";
import { curveOfSetting, operateTimeS } from "#simulator/protection/curves.ts";
import { newMechanismMs } from "#simulator/protection/element.ts";
import { thermalK, thermalTauS, thermalTripTimeS } from "#simulator/protection/thermal-element.ts";

/** Breaking times in s that the settings promise at one current; Infinity for none. */
export interface CharacteristicPoint {
  readonly amps: number;
  readonly fromS: number;
  readonly toS: number;
  /** The element that is first. */
  readonly element: "L" | "S" | "I" | "G" | "none";
}

/** The longest time that the curve is drawn for. */
export const longestS = 10_000;

/** What the phase elements promise at a current from cold. */
export function phaseCharacteristic(settings: Settings, amps: number): CharacteristicPoint {
  const candidates = [longTime(settings, amps), shortTime(settings, amps), instantaneous(settings, amps)];
  return candidates.reduce((first, next) => (next.toS < first.toS ? next : first));
}

/** What the ground fault element promises at an earth current. */
export function groundCharacteristic(settings: Settings, frame: Frame, amps: number): CharacteristicPoint {
  if (amps < settings.GroundFaultPickup) return { amps, fromS: Infinity, toS: Infinity, element: "none" };
  const stretch = settings.GroundFaultI2t === 0 ? 1 : Math.max(1, ((2 * frame.ratedA) / amps) ** 2);
  return windowPoint(amps, settings.GroundFaultDelay, stretch, "G");
}

function longTime(settings: Settings, amps: number): CharacteristicPoint {
  const { ThermalPickup: ir, ThermalDelay: tr } = settings;
  const curve = curveOfSetting(settings.LongTimeCurve);
  const operateS =
    curve === undefined
      ? thermalTripTimeS(thermalTauS(tr), thermalK * ir, amps)
      : operateTimeS(curve, amps / ir, settings.TimeMultiplier);
  const seconds = operateS + newMechanismMs / 1000;
  return { amps, fromS: seconds, toS: seconds, element: Number.isFinite(seconds) ? "L" : "none" };
}

function shortTime(settings: Settings, amps: number): CharacteristicPoint {
  if (amps < settings.OvercurrentPickup) return { amps, fromS: Infinity, toS: Infinity, element: "none" };
  const stretch = settings.ShortTimeI2t === 0 ? 1 : Math.max(1, ((10 * settings.ThermalPickup) / amps) ** 2);
  return windowPoint(amps, settings.OvercurrentDelay, stretch, "S");
}

function instantaneous(settings: Settings, amps: number): CharacteristicPoint {
  if (amps < settings.InstantaneousPickup) return { amps, fromS: Infinity, toS: Infinity, element: "none" };
  const { fromMs, toMs } = instantaneousWindow;
  return { amps, fromS: fromMs / 1000, toS: toMs / 1000, element: "I" };
}

function windowPoint(amps: number, delayMs: number, stretch: number, element: "S" | "G"): CharacteristicPoint {
  const { fromMs, toMs } = shortTimeWindow(delayMs);
  return { amps, fromS: (fromMs * stretch) / 1000, toS: (toMs * stretch) / 1000, element };
}

/** Currents from `fromA` to `toA` in equal steps of a logarithmic axis. */
export function logarithmic(fromA: number, toA: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => fromA * (toA / fromA) ** (i / (count - 1)));
}
