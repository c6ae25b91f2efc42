import { instantMs } from "#simulator/instant.ts";

interface Entry {
  readonly atMs: number;
  readonly action: () => void;
}

/** What a breaker has to do at exact simulation times: mechanism arrivals, ends of faults, dead times. */
export class Agenda {
  #entries: Entry[] = [];
  nextMs = Number.POSITIVE_INFINITY;

  /** Runs `action` at `atMs` (simulation time) unless disposed before. */
  at(atMs: number, action: () => void): Disposable {
    const entry = { atMs, action };
    this.#entries.push(entry);
    this.#refresh();
    return {
      [Symbol.dispose]: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
        this.#refresh();
      },
    };
  }

  /** Runs everything due at `nowMs`, oldest first; actions may add entries for now. */
  run(nowMs: number): void {
    while (this.nextMs <= nowMs + instantMs) {
      const due = this.#entries.find((entry) => entry.atMs === this.nextMs);
      this.#entries = this.#entries.filter((entry) => entry !== due);
      this.#refresh();
      due?.action();
    }
  }

  #refresh(): void {
    this.nextMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) this.nextMs = Math.min(this.nextMs, entry.atMs);
  }
}
