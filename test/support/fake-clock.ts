import type { Clock } from "#lib/clock.ts";

/** A clock that stands still until it is told to move; timers run in order of their time. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { readonly at: number; readonly action: () => void }[] = [];
  /** What the clock was set by: timers and elapsed time do not feel it. */
  #jumped = 0;

  constructor(now = Date.UTC(2026, 0, 1, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): Disposable {
    const timer = { at: this.elapsed() + delayMs, action };
    this.#timers.push(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Time that no setting of the clock changes. */
  elapsed(): number {
    return this.#now - this.#jumped;
  }

  /** Somebody sets the clock, forward or backward. */
  jump(ms: number): void {
    this.#now += ms;
    this.#jumped += ms;
  }

  /** Number of timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, running what becomes due. */
  advance(ms: number): void {
    const end = this.elapsed() + ms;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at + this.#jumped);
      next.action();
    }
    this.#now = end + this.#jumped;
  }

  #due(end: number): { readonly at: number; readonly action: () => void } | undefined {
    return this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
