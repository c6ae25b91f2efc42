import type { Clock } from "./clock.ts";

/** Runs `action` every `periodMs` until disposed; a run that is due while one is going on waits for its turn. */
export function every(clock: Clock, periodMs: number, action: () => void): Disposable {
  let pending = clock.after(periodMs, tick);
  function tick(): void {
    pending = clock.after(periodMs, tick);
    action();
  }
  return { [Symbol.dispose]: () => pending[Symbol.dispose]() };
}
