import type { HistorySpec } from "#model/parameter-spec.ts";

/**
 * Decides which samples of a series are worth a row: by the deadband and heartbeat of the package. A change of quality or
 * text is always stored, and so is a sample older than the last stored one (it is late, not unchanged).
 */
export class StoreOnChange {
  #values = new Float64Array(1024);
  #times = new Float64Array(1024).fill(Number.NaN);
  #qualities = new Uint32Array(1024);
  readonly #texts: (string | undefined)[] = [];

  /** True when the sample is to be stored; it is then the one that later ones are compared with. */
  admit(series: number, spec: HistorySpec, sample: ChangeSample): boolean {
    if (spec.deadband === 0 && spec.heartbeatMs === undefined) return true;
    if (series >= this.#times.length) this.#grow(series);
    const lastTime = this.#times[series] ?? Number.NaN;
    if (sample.time < lastTime) return true;
    if (!Number.isNaN(lastTime) && this.#isUnchanged(series, spec, sample)) return false;
    this.#values[series] = sample.value;
    this.#times[series] = sample.time;
    this.#qualities[series] = sample.quality;
    this.#texts[series] = sample.text;
    return true;
  }

  #isUnchanged(series: number, spec: HistorySpec, sample: ChangeSample): boolean {
    const age = sample.time - (this.#times[series] ?? 0);
    if (spec.heartbeatMs !== undefined && age >= spec.heartbeatMs) return false;
    if (this.#qualities[series] !== sample.quality || this.#texts[series] !== sample.text) return false;
    const last = this.#values[series] ?? Number.NaN;
    return Math.abs(sample.value - last) <= spec.deadband || (Number.isNaN(last) && Number.isNaN(sample.value));
  }

  #grow(series: number): void {
    const capacity = Math.max(series + 1, this.#times.length * 2);
    const times = new Float64Array(capacity).fill(Number.NaN);
    const values = new Float64Array(capacity);
    const qualities = new Uint32Array(capacity);
    times.set(this.#times);
    values.set(this.#values);
    qualities.set(this.#qualities);
    this.#times = times;
    this.#values = values;
    this.#qualities = qualities;
  }
}

export interface ChangeSample {
  readonly time: number;
  readonly value: number;
  readonly quality: number;
  readonly text: string | undefined;
}
