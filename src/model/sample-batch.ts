import type { EpochMs } from "./ids.ts";
import type { QualityCode } from "./quality.ts";

/** Flags of one sample (Sparkplug is_historical, is_transient). */
export const SampleFlag = {
  none: 0,
  /** Goes to history only: never the current value, alarms or confirmations. */
  historical: 1,
  /** Current value only: never to history. */
  transient: 2,
} as const;

/**
 * Samples of one device as columns, reused from message to message: whoever receives a batch copies what it keeps before
 * it returns. Plain arrays because this is the path of every value (one batch per message, no object per value).
 */
export class SampleBatch {
  /** Number of samples; entries beyond it are left-overs. */
  size = 0;
  /** When the host received the message. */
  receivedAt: EpochMs = 0;
  /** Parameter index within the device's package. */
  parameters: Uint16Array;
  /** Numbers, booleans as 0/1, date-times as epoch ms; NaN where the value is a text or absent. */
  values: Float64Array;
  /** Device clock, epoch ms. */
  times: Float64Array;
  qualities: Uint32Array;
  flags: Uint8Array;
  /** Texts and 64-bit integers beyond 2^53 (decimal digits); undefined where the value is a number. */
  readonly texts: (string | undefined)[] = [];

  constructor(capacity = 64) {
    this.parameters = new Uint16Array(capacity);
    this.values = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.qualities = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  /** Empties the batch for the next message. */
  reset(receivedAt: EpochMs): void {
    this.size = 0;
    this.receivedAt = receivedAt;
  }

  /** Appends a numeric sample. */
  add(parameter: number, value: number, time: EpochMs, quality: QualityCode, flags = 0): void {
    const i = this.#next();
    this.parameters[i] = parameter;
    this.values[i] = value;
    this.times[i] = time;
    this.qualities[i] = quality;
    this.flags[i] = flags;
    this.texts[i] = undefined;
  }

  /** Appends a text sample. */
  addText(parameter: number, text: string, time: EpochMs, quality: QualityCode, flags = 0): void {
    this.add(parameter, Number.NaN, time, quality, flags);
    this.texts[this.size - 1] = text;
  }

  /** Copies sample `from` over sample `to`. */
  move(from: number, to: number): void {
    this.parameters.copyWithin(to, from, from + 1);
    this.values.copyWithin(to, from, from + 1);
    this.times.copyWithin(to, from, from + 1);
    this.qualities.copyWithin(to, from, from + 1);
    this.flags.copyWithin(to, from, from + 1);
    this.texts[to] = this.texts[from];
  }

  #next(): number {
    if (this.size === this.parameters.length) this.#grow();
    this.size += 1;
    return this.size - 1;
  }

  #grow(): void {
    const capacity = this.parameters.length * 2;
    const grown = new SampleBatch(capacity);
    grown.parameters.set(this.parameters);
    grown.values.set(this.values);
    grown.times.set(this.times);
    grown.qualities.set(this.qualities);
    grown.flags.set(this.flags);
    this.parameters = grown.parameters;
    this.values = grown.values;
    this.times = grown.times;
    this.qualities = grown.qualities;
    this.flags = grown.flags;
  }
}
