import type { Breaker } from "#simulator/breaker/breaker.ts";

/** Channels of the trend messages with the quantity behind each. */
const channels: readonly (readonly [name: string, read: (breaker: Breaker) => number])[] = [
  ["voltage_phase_a", (b) => b.readings.voltagesV[0] ?? 0],
  ["voltage_phase_b", (b) => b.readings.voltagesV[1] ?? 0],
  ["voltage_phase_c", (b) => b.readings.voltagesV[2] ?? 0],
  ["current_phase_a", (b) => b.readings.currentsA[0] ?? 0],
  ["current_phase_b", (b) => b.readings.currentsA[1] ?? 0],
  ["current_phase_c", (b) => b.readings.currentsA[2] ?? 0],
  ["power_active", (b) => b.readings.activeKw * 1000],
  ["power_factor", (b) => b.readings.powerFactor],
  ["frequency", (b) => b.readings.frequencyHz],
  ["temperature", (b) => b.terminal.temperatureCel],
];

/** One channel of a trend message; numbers as texts, as these devices send them. */
export interface TrendEntry {
  readonly c: string;
  /** Epoch seconds of the end of the window. */
  readonly t: number;
  readonly v: string;
  readonly avg: string;
  readonly min: string;
  readonly max: string;
}

/** Last value, mean, minimum and maximum of every channel since the last trend message. */
export class TrendWindow {
  #count = 0;
  readonly #last = new Float64Array(channels.length);
  readonly #sum = new Float64Array(channels.length);
  readonly #min = new Float64Array(channels.length);
  readonly #max = new Float64Array(channels.length);

  add(breaker: Breaker): void {
    for (const [i, [, read]] of channels.entries()) {
      const value = read(breaker);
      const isFirst = this.#count === 0;
      this.#last[i] = value;
      this.#sum[i] = (isFirst ? 0 : (this.#sum[i] ?? 0)) + value;
      this.#min[i] = isFirst ? value : Math.min(this.#min[i] ?? 0, value);
      this.#max[i] = isFirst ? value : Math.max(this.#max[i] ?? 0, value);
    }
    this.#count += 1;
  }

  /** The aggregates of the window, which begins anew; empty when nothing was seen. */
  close(epochMs: number): TrendEntry[] {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return [];
    const text = (value: number | undefined): string => (value ?? 0).toFixed(3);
    return channels.map(([c], i) => ({
      c,
      t: Math.floor(epochMs / 1000),
      v: text(this.#last[i]),
      avg: text((this.#sum[i] ?? 0) / count),
      min: text(this.#min[i]),
      max: text(this.#max[i]),
    }));
  }
}
