import type { Clock } from "./clock.ts";

/**
 * Lets one message per key through in each period and counts the rest, so that a flood stays one line.
 * Keys are forgotten after a quiet period; beyond `maxKeys` live keys further ones are only counted.
 */
export class WarnOnce {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #maxKeys: number;
  readonly #until = new Map<string, { until: number; suppressed: number }>();

  constructor(clock: Clock, periodMs: number, maxKeys = 10_000) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#maxKeys = maxKeys;
  }

  /** Calls `say` with the number of messages suppressed since the last one, or counts this one. */
  warn(key: string, say: (suppressed: number) => void): void {
    const now = this.#clock.now();
    const entry = this.#until.get(key);
    if (entry !== undefined && now < entry.until) {
      entry.suppressed += 1;
      return;
    }
    if (entry === undefined && this.#until.size >= this.#maxKeys) this.#forgetOld(now);
    if (entry === undefined && this.#until.size >= this.#maxKeys) return;
    this.#until.set(key, { until: now + this.#periodMs, suppressed: 0 });
    say(entry?.suppressed ?? 0);
  }

  #forgetOld(now: number): void {
    for (const [key, entry] of this.#until) if (now >= entry.until) this.#until.delete(key);
  }
}
