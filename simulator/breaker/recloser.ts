import type { TripCause } from "#simulator/protection/element.ts";
import type { Agenda } from "./agenda.ts";
import type { Settings } from "./settings.ts";

/** What the recloser needs of its breaker. */
export interface Reclosable {
  readonly timeMs: number;
  readonly settings: Settings;
  readonly agenda: Agenda;
  /** Time in ms until closing is thinkable: 0 = now, Infinity = not without help from people. */
  closableInMs(): number;
  /** Releases the trip latch and closes; calls `done` when closed. */
  reclose(done: () => void): void;
  changed(): void;
}

export type RecloserState = "ready" | "dead-time" | "reclaim" | "lockout";

/** The shortest wait before another look at an obstacle. */
const recheckMs = 100;

/**
 * Auto-reclosing (79): only after causes that may have gone by themselves (27, 49, 51 as configured), never after
 * instantaneous, ground or arc faults; when its shots are used up it locks out (86).
 */
export class Recloser {
  state: RecloserState = "ready";
  /** Reclosures in the present sequence. */
  shots = 0;
  /** Simulation time of the next reclosure; undefined when none is planned. */
  dueMs: number | undefined;
  readonly #breaker: Reclosable;
  #timer: Disposable | undefined;

  constructor(breaker: Reclosable) {
    this.#breaker = breaker;
  }

  /** The breaker has opened on a protection trip; `isShortCircuit` forbids reclosing whatever the cause says. */
  opened(cause: TripCause, isShortCircuit: boolean): void {
    const { settings } = this.#breaker;
    if (settings.AutoRecloseEnabled === 0) return;
    this.#timer?.[Symbol.dispose]();
    if (this.state !== "reclaim") this.shots = 0;
    if (isShortCircuit || !isPermitted(cause, settings) || this.shots >= settings.AutoRecloseAttempts) this.#lockOut();
    else this.#waitFor(settings.AutoRecloseDelay * 1000);
  }

  /** Somebody operates the breaker: the sequence is over; lockout stays. */
  cancel(): void {
    if (this.state !== "lockout") this.#end("ready");
  }

  /** Releases the lockout. */
  reset(): void {
    this.#end("ready");
  }

  #waitFor(delayMs: number): void {
    this.state = "dead-time";
    this.dueMs = this.#breaker.timeMs + delayMs;
    this.#timer = this.#breaker.agenda.at(this.dueMs, () => this.#attempt());
    this.#breaker.changed();
  }

  #attempt(): void {
    const waitMs = this.#breaker.closableInMs();
    if (waitMs === Number.POSITIVE_INFINITY) return this.#lockOut();
    if (waitMs > 0) return this.#waitFor(Math.max(recheckMs, waitMs));
    this.shots += 1;
    this.dueMs = undefined;
    this.#breaker.reclose(() => {
      this.state = "reclaim";
      const endMs = this.#breaker.timeMs + this.#breaker.settings.RecloseReclaimTime * 1000;
      this.#timer = this.#breaker.agenda.at(endMs, () => this.#end("ready"));
    });
  }

  #lockOut(): void {
    this.#end("lockout");
  }

  #end(state: RecloserState): void {
    this.#timer?.[Symbol.dispose]();
    this.dueMs = undefined;
    this.state = state;
    if (state === "ready") this.shots = 0;
    this.#breaker.changed();
  }
}

function isPermitted(cause: TripCause, settings: Settings): boolean {
  switch (cause) {
    case "Thermal":
      return settings.RecloseAfterThermal !== 0;
    case "InverseTime":
      return settings.RecloseAfterInverseTime !== 0;
    case "Undervoltage":
      return settings.RecloseAfterUndervoltage !== 0;
    default:
      return false;
  }
}
