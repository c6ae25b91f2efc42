import type { Clock } from "#lib/clock.ts";

export interface DeadlinesParts {
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  /** Called once for each key whose time has come. */
  readonly due: (key: number) => void;
}

/**
 * All deadlines of all alarms on one timer: a binary heap in typed columns, so that 60,000 delays cost two numbers each.
 * Nothing is taken out early; whoever is called looks whether it still matters.
 */
export class Deadlines {
  readonly #parts: DeadlinesParts;
  #times = new Float64Array(256);
  #keys = new Float64Array(256);
  #size = 0;
  #timer: Disposable | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(parts: DeadlinesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#size;
  }

  /** Calls back with `key` once `elapsed()` has reached `at`. */
  add(at: number, key: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let place = this.#size;
    this.#size += 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#timeAt(parent) <= at) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#times[place] = at;
    this.#keys[place] = key;
    this.#arm();
  }

  /** Forgets all. */
  clear(): void {
    this.#size = 0;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#size === 0 ? Number.POSITIVE_INFINITY : this.#timeAt(0);
    if (next >= this.#timerAt) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = next;
    // A timer cannot wait longer than 2^31 ms; it looks again then.
    const delayMs = Math.min(Math.max(0, next - this.#parts.elapsed()), 2_000_000_000);
    this.#timer = this.#parts.clock.after(delayMs, () => this.#run());
  }

  #run(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#parts.elapsed();
    while (this.#size > 0 && this.#timeAt(0) <= now) this.#parts.due(this.#pop());
    this.#arm();
  }

  #pop(): number {
    const key = this.#keys[0] ?? 0;
    this.#size -= 1;
    const last = this.#size;
    const [time, moved] = [this.#timeAt(last), this.#keys[last] ?? 0];
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#timeAt(child + 1) < this.#timeAt(child)) child += 1;
      if (this.#timeAt(child) >= time) break;
      this.#move(child, place);
      place = child;
    }
    this.#times[place] = time;
    this.#keys[place] = moved;
    return key;
  }

  #timeAt(place: number): number {
    return this.#times[place] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#timeAt(from);
    this.#keys[to] = this.#keys[from] ?? 0;
  }

  #grow(): void {
    const [times, keys] = [new Float64Array(this.#size * 2), new Float64Array(this.#size * 2)];
    times.set(this.#times);
    keys.set(this.#keys);
    this.#times = times;
    this.#keys = keys;
  }
}
