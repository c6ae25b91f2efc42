import type { ParameterValue } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { Quality, type QualityCode } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";

/** The last value of one parameter, for readers off the hot path. */
export interface LiveValue {
  /** Undefined until the first value arrived, or when the device reported "no value". */
  readonly value: ParameterValue | undefined;
  readonly quality: QualityCode;
  /** Device clock; undefined until the first value arrived. */
  readonly sourceTime: EpochMs | undefined;
  readonly receivedAt: EpochMs | undefined;
}

/**
 * The last value of every parameter of every device, in columns: the one place that knows what is true now. OPC UA
 * nodes, REST and alarms are views of it.
 */
export class LiveValues {
  values = new Float64Array(1024);
  qualities = new Uint32Array(1024);
  /** Time shown with the value: the device's, or ours when the value went stale; NaN = never received. */
  times = new Float64Array(1024);
  /** The device's own clock at its last value: orders samples whatever the host stamped since. */
  deviceTimes = new Float64Array(1024);
  receivedTimes = new Float64Array(1024);
  readonly texts: (string | undefined)[] = [];
  #used = 0;
  readonly #free = new Map<number, number[]>();

  /** Reserves `count` neighbouring slots, all "waiting for initial data"; returns the first. */
  allocate(count: number): number {
    const reused = this.#free.get(count)?.pop();
    const first = reused ?? this.#used;
    if (reused === undefined) this.#extend(count);
    this.values.fill(Number.NaN, first, first + count);
    this.qualities.fill(Quality.badWaitingForInitialData, first, first + count);
    this.times.fill(Number.NaN, first, first + count);
    this.deviceTimes.fill(Number.NEGATIVE_INFINITY, first, first + count);
    this.receivedTimes.fill(Number.NaN, first, first + count);
    this.texts.fill(undefined, first, first + count);
    return first;
  }

  /** Gives slots back for another device with the same number of parameters. */
  release(first: number, count: number): void {
    const list = this.#free.get(count) ?? [];
    list.push(first);
    this.#free.set(count, list);
  }

  /** Takes everything known in slot `from` over to slot `to`. */
  copy(from: number, to: number): void {
    this.values[to] = this.values[from] ?? Number.NaN;
    this.qualities[to] = this.qualities[from] ?? Quality.bad;
    this.times[to] = this.times[from] ?? Number.NaN;
    this.deviceTimes[to] = this.deviceTimes[from] ?? Number.NEGATIVE_INFINITY;
    this.receivedTimes[to] = this.receivedTimes[from] ?? Number.NaN;
    this.texts[to] = this.texts[from];
  }

  /** Stores sample `i` of the batch in `slot`. */
  store(slot: number, batch: SampleBatch, i: number): void {
    const time = batch.times[i] ?? Number.NaN;
    this.values[slot] = batch.values[i] ?? Number.NaN;
    this.qualities[slot] = batch.qualities[i] ?? Quality.bad;
    this.times[slot] = time;
    this.deviceTimes[slot] = time;
    this.receivedTimes[slot] = batch.receivedAt;
    this.texts[slot] = batch.texts[i];
  }

  /** The last value of a parameter in its own type. */
  get(device: Device, spec: ParameterSpec): LiveValue {
    const slot = device.firstSlot + spec.index;
    const time = this.times[slot] ?? Number.NaN;
    const received = this.receivedTimes[slot] ?? Number.NaN;
    return {
      value: this.#valueAt(slot, spec),
      quality: this.qualities[slot] ?? Quality.bad,
      sourceTime: Number.isNaN(time) ? undefined : time,
      receivedAt: Number.isNaN(received) ? undefined : received,
    };
  }

  #valueAt(slot: number, spec: ParameterSpec): ParameterValue | undefined {
    const text = this.texts[slot];
    if (text !== undefined) return spec.dataType === "string" ? text : BigInt(text);
    const value = this.values[slot];
    if (value === undefined || Number.isNaN(value)) return undefined;
    return spec.dataType === "boolean" ? value !== 0 : value;
  }

  #extend(count: number): void {
    this.#used += count;
    if (this.#used <= this.values.length) return;
    const capacity = Math.max(this.values.length * 2, this.#used);
    this.values = grown(this.values, new Float64Array(capacity));
    this.qualities = grown(this.qualities, new Uint32Array(capacity));
    this.times = grown(this.times, new Float64Array(capacity));
    this.deviceTimes = grown(this.deviceTimes, new Float64Array(capacity));
    this.receivedTimes = grown(this.receivedTimes, new Float64Array(capacity));
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
