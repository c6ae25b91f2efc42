import type { EpochMs } from "#model/ids.ts";

/**
 * More than this within ten minutes is more than people can look at: ISA-18.2 speaks of 10 for one operator; a fleet has
 * several, and one cause that trips many breakers at once.
 */
export const floodLimit = { alarms: 100, withinMs: 600_000 } as const;

/** Tells when alarms come faster than people can look at them: counts onsets in ten parts of the last ten minutes. */
export class FloodGauge {
  readonly #counts = new Uint32Array(10);
  #part = 0;

  /** Notes an onset; gives the number within the last ten minutes. */
  note(now: EpochMs): number {
    this.#advance(now);
    const place = this.#part % this.#counts.length;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    return this.#sum();
  }

  count(now: EpochMs): number {
    this.#advance(now);
    return this.#sum();
  }

  #advance(now: EpochMs): void {
    const part = Math.floor(now / (floodLimit.withinMs / this.#counts.length));
    const steps = Math.min(this.#counts.length, Math.max(0, part - this.#part));
    for (let step = 1; step <= steps; step += 1) this.#counts[(part - steps + step) % this.#counts.length] = 0;
    this.#part = Math.max(this.#part, part);
  }

  #sum(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }
}
