import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";

/** Something that has to be heard of now and then. */
export interface Watched {
  /** Epoch ms (host clock) of the last sign of life; set by whoever hears it. */
  lastHeard: number;
  /** Longest silence that is normal. */
  limitMs: number;
  /** False until it is heard for the first time, and again once its silence was reported. */
  isHeard: boolean;
}

const periodMs = 1_000;

/**
 * Reports, once for each silence, what has not been heard for longer than its limit. Time in which this process itself did
 * not run (a blocked loop, a jump of the clock) does not count as silence of the others.
 */
export class SilenceWatch<T extends Watched> implements Disposable {
  readonly #clock: Clock;
  readonly #onSilent: (watched: T) => void;
  readonly #watched = new Set<T>();
  readonly #timer: Disposable;
  #lastLook: number;

  constructor(clock: Clock, onSilent: (watched: T) => void) {
    this.#clock = clock;
    this.#onSilent = onSilent;
    this.#lastLook = clock.now();
    this.#timer = every(clock, periodMs, () => this.#look());
  }

  add(watched: T): void {
    this.#watched.add(watched);
  }

  remove(watched: T): void {
    this.#watched.delete(watched);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #look(): void {
    const now = this.#clock.now();
    const missed = now - this.#lastLook - periodMs;
    this.#lastLook = now;
    if (missed > periodMs || missed < -periodMs) {
      for (const watched of this.#watched) watched.lastHeard = Math.min(now, watched.lastHeard + missed);
    }
    for (const watched of this.#watched) {
      if (!watched.isHeard || now - watched.lastHeard <= watched.limitMs) continue;
      watched.isHeard = false;
      this.#onSilent(watched);
    }
  }
}
