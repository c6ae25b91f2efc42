import { type EndurancePoint, lowVoltageEndurance } from "#simulator/physics/contact-wear.ts";
import { mccbSpecs, mccbStandard, rangeSpec, type SettingSpecs, type Settings } from "./settings.ts";

export const frameNames = ["mcb-63", "mccb-250", "acb-1600"] as const;

export type FrameName = (typeof frameNames)[number];

/**
 * How a breaker finds arcs: `afdd` by the noise of series arcs (IEC 62606, up to 63 A), `pickup` by light and a current
 * with an adjustable delay, `flash` by light and current at relay speed (50 AFD).
 */
export type ArcDetection = "afdd" | "pickup" | "flash";

/** A construction size: ratings, ranges and life. */
export interface Frame {
  readonly name: FrameName;
  /** The device type it declares to hosts. */
  readonly declaredType: string;
  readonly model: string;
  readonly ratedA: number;
  readonly breakingKa: number;
  readonly arcDetection: ArcDetection;
  readonly standard: Settings;
  readonly specs: SettingSpecs;
  readonly endurance: readonly EndurancePoint[];
  /** Operating cycles without current (IEC 60947-2 table 8, general knowledge). */
  readonly mechanicalLife: number;
}

export const frames: Readonly<Record<FrameName, Frame>> = {
  "mcb-63": {
    name: "mcb-63",
    declaredType: "fdi-host/afdd-mcb",
    model: "MCB 63 AFDD",
    ratedA: 63,
    breakingKa: 10,
    arcDetection: "afdd",
    standard: scaledStandard(63),
    specs: scaledSpecs(63),
    endurance: lowVoltageEndurance(63, 10_000),
    mechanicalLife: 8_500,
  },
  "mccb-250": {
    name: "mccb-250",
    declaredType: "fdi-host/lsig-mccb",
    model: "MCCB 250 LSIG",
    ratedA: 250,
    breakingKa: 36,
    arcDetection: "pickup",
    standard: mccbStandard,
    specs: mccbSpecs,
    endurance: lowVoltageEndurance(250, 36_000),
    mechanicalLife: 7_000,
  },
  "acb-1600": {
    name: "acb-1600",
    declaredType: "fdi-host/lsig-acb",
    model: "ACB 1600 LSIG",
    ratedA: 1_600,
    breakingKa: 65,
    arcDetection: "flash",
    standard: scaledStandard(1_600),
    specs: scaledSpecs(1_600),
    endurance: lowVoltageEndurance(1_600, 65_000),
    mechanicalLife: 2_500,
  },
};

export function isFrameName(text: string): text is FrameName {
  return frameNames.some((name) => name === text);
}

/** The proportions of the 250 A frame at another rated current; ground fault pickups stop at 1200 A. */
function scaledStandard(ratedA: number): Settings {
  return {
    ...mccbStandard,
    ThermalPickup: ratedA,
    OvercurrentPickup: 4 * ratedA,
    InstantaneousPickup: 10 * ratedA,
    GroundFaultPickup: Math.min(1_200, 0.4 * ratedA),
    ArcFaultPickup: 2 * ratedA,
  };
}

function scaledSpecs(ratedA: number): SettingSpecs {
  return {
    ...mccbSpecs,
    ThermalPickup: rangeSpec(0.4 * ratedA, ratedA, "A"),
    OvercurrentPickup: rangeSpec(0.6 * ratedA, 10 * ratedA, "A"),
    InstantaneousPickup: rangeSpec(2 * ratedA, 15 * ratedA, "A"),
    GroundFaultPickup: rangeSpec(0.2 * ratedA, Math.min(1_200, ratedA), "A"),
    ArcFaultPickup: rangeSpec(0.4 * ratedA, 4 * ratedA, "A"),
  };
}
