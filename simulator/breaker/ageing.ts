import type { ContactWear } from "#simulator/physics/contact-wear.ts";
import type { Terminal } from "#simulator/physics/terminal.ts";
import type { Random } from "#simulator/random.ts";
import type { Counters } from "./counters.ts";
import { type Degradation, sizeAt } from "./degradation.ts";
import type { Frame } from "./frame.ts";
import type { Mechanism } from "./mechanism.ts";

/** What ages in a breaker. */
export interface AgeingParts {
  readonly frame: Frame;
  readonly wear: ContactWear;
  readonly terminal: Terminal;
  readonly mechanism: Mechanism;
  readonly counters: Counters;
}

/** Percent of a mechanism's moving time per thousand operations, and per kelvin that it is colder than 20 degree C. */
const slownessPerThousand = 2;
const slownessPerKelvin = 0.2;
/** The life of the electronics at the reference temperature; it halves every 10 K above (Arrhenius, general knowledge). */
const electronicsLifeHours = 15 * 8_760;
const referenceCel = 40;
/** Worn contacts press less: K of terminal rise per percent of scripted wear. */
const risePerWear = 0.1;

/** Remaining life in ten-thousandths, as condition monitors show it. */
export interface HealthIndices {
  readonly interruption: number;
  readonly operations: number;
  readonly environment: number;
}

/** The slow processes of one breaker: natural ones, and degradations that a scenario scripts. */
export class Ageing {
  readonly scripted: Degradation[] = [];
  /** Hours at the reference temperature that would have aged the electronics as much. */
  electronicsHours = 0;
  readonly #parts: AgeingParts;
  #wornAtStart: readonly number[];

  constructor(parts: AgeingParts) {
    this.#parts = parts;
    this.#wornAtStart = [...parts.wear.percent];
  }

  /** Gives a breaker the history of one that has been in service for a while. */
  season(random: Random): void {
    const { counters, wear } = this.#parts;
    counters.operations = Math.floor(random.between(40, 400));
    counters.closedMs = random.between(500, 4_000) * 3_600_000;
    counters.energyKwh = random.between(5_000, 90_000);
    this.electronicsHours = counters.operatingHours;
    for (let pole = 0; pole < 3; pole += 1) wear.percent[pole] = random.between(2, 12);
    this.#wornAtStart = [...wear.percent];
  }

  /** Brings everything up to `nowMs` (simulation time), `stepMs` after the last call. */
  advance(nowMs: number, stepMs: number): void {
    const { terminal, mechanism, counters } = this.#parts;
    const { temperatureCel } = terminal;
    this.electronicsHours += (stepMs / 3_600_000) * 2 ** ((temperatureCel - referenceCel) / 10);
    const coldK = Math.max(0, 20 - temperatureCel);
    mechanism.slownessPercent =
      this.#sizeOf("slow-mechanism", nowMs) +
      (slownessPerThousand * counters.operations) / 1000 +
      slownessPerKelvin * coldK;
    if (this.scripted.length === 0) return;
    const worn = this.#sizeOf("worn-contact", nowMs);
    this.#wearContacts(worn);
    terminal.extraRiseK = this.#sizeOf("bad-joint", nowMs) + risePerWear * worn;
  }

  get indices(): HealthIndices {
    const { wear, counters, frame } = this.#parts;
    const index = (used: number): number => Math.round(10_000 * Math.max(0, 1 - used));
    return {
      interruption: index(wear.maxPercent / 100),
      operations: index(counters.operations / frame.mechanicalLife),
      environment: index(this.electronicsHours / electronicsLifeHours),
    };
  }

  #sizeOf(kind: Degradation["kind"], nowMs: number): number {
    let size = 0;
    for (const degradation of this.scripted) if (degradation.kind === kind) size += sizeAt(degradation, nowMs);
    return size;
  }

  #wearContacts(sizePercent: number): void {
    const { percent } = this.#parts.wear;
    for (let pole = 0; pole < 3; pole += 1) {
      percent[pole] = Math.max(percent[pole] ?? 0, (this.#wornAtStart[pole] ?? 0) + sizePercent);
    }
  }
}
