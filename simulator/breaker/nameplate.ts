import type { Random } from "#simulator/random.ts";
import type { Frame } from "./frame.ts";

/** Identity and ratings of one breaker. */
export interface Nameplate {
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly firmwareVersion: string;
  readonly hardwareRevision: string;
  readonly ratedA: number;
  /** Phase to phase. */
  readonly ratedV: number;
  readonly ratedHz: number;
  /** Icu. */
  readonly breakingKa: number;
  readonly poles: number;
}

export function nameplateOf(frame: Frame, random: Random): Nameplate {
  return {
    manufacturer: "fdi-host project",
    model: frame.model,
    serialNumber: `LS${String(Math.floor(random.between(0, 1e8))).padStart(8, "0")}`,
    firmwareVersion: random.chance(0.8) ? "1.4.2" : "1.3.0",
    hardwareRevision: random.chance(0.7) ? "C" : "B",
    ratedA: frame.ratedA,
    ratedV: 400,
    ratedHz: 50,
    breakingKa: frame.breakingKa,
    poles: 3,
  };
}
