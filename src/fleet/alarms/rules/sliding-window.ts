/** A window moves in this many steps. */
const steps = 60;

/** What was measured within the last so many seconds, in sixty steps: what it needs does not grow with the samples. */
export class SlidingWindow {
  readonly #stepMs: number;
  readonly #counts = new Uint32Array(steps);
  readonly #sums = new Float64Array(steps);
  readonly #highest = new Float64Array(steps).fill(Number.NEGATIVE_INFINITY);
  readonly #lowest = new Float64Array(steps).fill(Number.POSITIVE_INFINITY);
  #step = Number.NEGATIVE_INFINITY;

  constructor(lengthMs: number) {
    this.#stepMs = lengthMs / steps;
  }

  add(time: number, value: number): void {
    this.move(time);
    const place = this.#step % steps;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sums[place] = (this.#sums[place] ?? 0) + value;
    this.#highest[place] = Math.max(this.#highest[place] ?? value, value);
    this.#lowest[place] = Math.min(this.#lowest[place] ?? value, value);
  }

  /** Lets go what is older than the window at `time`. */
  move(time: number): void {
    const step = Math.floor(time / this.#stepMs);
    const first = Math.max(this.#step + 1, step - steps + 1);
    for (let next = first; next <= step; next += 1) {
      const place = next % steps;
      this.#counts[place] = 0;
      this.#sums[place] = 0;
      this.#highest[place] = Number.NEGATIVE_INFINITY;
      this.#lowest[place] = Number.POSITIVE_INFINITY;
    }
    this.#step = Math.max(this.#step, step);
  }

  /** When something of it is let go next. */
  get movesAt(): number {
    return (this.#step + 1) * this.#stepMs;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get sum(): number {
    return this.#sums.reduce((sum, part) => sum + part, 0);
  }

  get highest(): number {
    return Math.max(...this.#highest);
  }

  get lowest(): number {
    return Math.min(...this.#lowest);
  }
}
