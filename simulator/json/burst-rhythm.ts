import type { Random } from "#simulator/random.ts";

/** What to send next and how long to wait after it. */
export interface Beat {
  readonly sends: readonly ("raw" | "trends" | "status")[];
  readonly waitMs: number;
}

const gapMs = 200;

/**
 * The rhythm of these devices: with a quarter of the chances a burst of 3 to 6 telemetry messages 0.2 s apart, then trends
 * and status; otherwise one telemetry message; then a pause of 3 to 8 s.
 */
export class BurstRhythm {
  readonly #random: Random;
  #left = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Beat {
    if (this.#left > 1) {
      this.#left -= 1;
      return { sends: ["raw"], waitMs: gapMs };
    }
    if (this.#left === 1) {
      this.#left = 0;
      return { sends: ["raw", "trends", "status"], waitMs: this.#pauseMs() };
    }
    if (!this.#random.chance(0.25)) return { sends: ["raw"], waitMs: this.#pauseMs() };
    this.#left = Math.floor(this.#random.between(2, 6));
    return { sends: ["raw"], waitMs: gapMs };
  }

  #pauseMs(): number {
    return this.#random.between(3_000, 8_000);
  }
}
