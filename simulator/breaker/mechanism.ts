import { newMechanismMs } from "#simulator/protection/element.ts";
import type { Random } from "#simulator/random.ts";
import type { Agenda } from "./agenda.ts";

/** IEC 61850 Dbpos as the breaker reports it. */
export const Position = { intermediate: 0, open: 1, closed: 2, bad: 3 } as const;

/** A stuck mechanism is reported as bad this long after it should have arrived. */
const supervisionMs = 400;

/** The spring mechanism: it takes time to move the contacts, a little more with age. */
export class Mechanism {
  position: number;
  /** Percent of growth of every moving time: wear of latches and grease. */
  slownessPercent = 0;
  /** The next movements never arrive. */
  isStuck = false;
  /** Duration of the last opening in ms, as an auxiliary contact would time it. */
  lastOpeningMs = 0;
  lastClosingMs = 0;
  readonly #agenda: Agenda;
  readonly #random: Random;
  #movement: Disposable | undefined;
  #isConducting: boolean;
  #target: number;

  constructor(isClosed: boolean, agenda: Agenda, random: Random) {
    this.position = isClosed ? Position.closed : Position.open;
    this.#isConducting = isClosed;
    this.#target = this.position;
    this.#agenda = agenda;
    this.#random = random;
  }

  /** Contacts touch: closed, or on the way to open but not there yet. */
  get isConducting(): boolean {
    return this.#isConducting;
  }

  get isMoving(): boolean {
    return this.#movement !== undefined;
  }

  get isOpening(): boolean {
    return this.isMoving && this.#target === Position.open;
  }

  /** Time in ms from the trip latch to the end of the arc when the trip unit fires. */
  get tripMs(): number {
    return newMechanismMs * this.#slowness;
  }

  /** Opens after the trip unit fired. */
  trip(nowMs: number, done: () => void): void {
    this.#move(Position.open, nowMs, this.tripMs, done);
  }

  /** Opens by the shunt release: 30 to 55 ms when new. */
  open(nowMs: number, done: () => void): void {
    this.#move(Position.open, nowMs, this.#random.between(30, 55) * this.#slowness, done);
  }

  /** Closes by the spring: 50 to 80 ms when new. */
  close(nowMs: number, done: () => void): void {
    this.#move(Position.closed, nowMs, this.#random.between(50, 80) * this.#slowness, done);
  }

  get #slowness(): number {
    return 1 + this.slownessPercent / 100;
  }

  #move(target: number, nowMs: number, durationMs: number, done: () => void): void {
    this.#movement?.[Symbol.dispose]();
    this.#target = target;
    this.position = Position.intermediate;
    const arriveMs = durationMs + (this.isStuck ? supervisionMs : 0);
    this.#movement = this.#agenda.at(nowMs + arriveMs, () => {
      this.#movement = undefined;
      if (this.isStuck) this.position = Position.bad;
      else this.#arrive(target, durationMs);
      done();
    });
  }

  #arrive(target: number, durationMs: number): void {
    this.position = target;
    this.#isConducting = target === Position.closed;
    if (target === Position.open) this.lastOpeningMs = durationMs;
    else this.lastClosingMs = durationMs;
  }
}
