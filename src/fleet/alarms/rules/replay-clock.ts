import type { Clock } from "#lib/clock.ts";

/** A clock that is moved through what has been: timers run in order when their time is reached. */
export class ReplayClock implements Clock {
  #now: number;
  #timers: { readonly at: number; readonly action: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): Disposable {
    const timer = { at: this.#now + delayMs, action };
    this.#timers.push(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Moves on to `time`; an earlier one leaves it where it is. */
  moveTo(time: number): void {
    for (let next = this.#next(time); next !== undefined; next = this.#next(time)) {
      const due = next;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.action();
    }
    this.#now = Math.max(this.#now, time);
  }

  /** The alarm engine has one timer at most: there is nothing to sort. */
  #next(time: number): { readonly at: number; readonly action: () => void } | undefined {
    return this.#timers.find((timer) => timer.at <= time);
  }
}
