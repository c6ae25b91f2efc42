import { integerRangeOf } from "#model/data-type.ts";
import { InternalError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood, Quality } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";

/** A device clock may run ahead by this much before its time is replaced by ours. */
const toleratedSkewMs = 5_000;
/** A live value cannot be older than this: the clock was never set. */
const oldestLiveMs = 366 * 86_400_000;

/**
 * Decides what each sample of a batch is worth, in place: type and range against the package (a value outside its range
 * is kept but Uncertain), times from the future or, for a live value, from more than a year ago are replaced by the time
 * of receipt, values older than the last one become historical. Returns the number of times that were replaced.
 */
export function judge(device: Device, batch: SampleBatch, live: LiveValues, now: EpochMs): number {
  const specs = device.package.parameters;
  let replaced = 0;
  for (let i = 0; i < batch.size; i += 1) {
    const spec = specs[batch.parameters[i] ?? -1];
    if (spec === undefined) throw new InternalError(`${device.id}: no parameter ${batch.parameters[i]} in its package`);
    const own = batch.times[i] ?? Number.NaN;
    if (isWrongTime(batch, i, now)) {
      batch.times[i] = batch.receivedAt;
      replaced += 1;
    }
    // A device whose clock is ahead of ours still keeps its own order.
    const time = own > now ? own : (batch.times[i] ?? Number.NaN);
    const slot = device.firstSlot + spec.index;
    if (time < (live.deviceTimes[slot] ?? 0) && !wasSetBack(batch.receivedAt, live.receivedTimes[slot])) {
      batch.flags[i] = (batch.flags[i] ?? 0) | SampleFlag.historical;
    }
    if (isGood(batch.qualities[i] ?? 0)) judgeValue(spec, batch, i);
  }
  return replaced;
}

/** Our own clock was set back since the last value: times tell nothing about the order. */
function wasSetBack(receivedAt: EpochMs, lastReceivedAt: EpochMs | undefined): boolean {
  return lastReceivedAt !== undefined && receivedAt < lastReceivedAt - toleratedSkewMs;
}

function isWrongTime(batch: SampleBatch, i: number, now: EpochMs): boolean {
  const time = batch.times[i] ?? Number.NaN;
  if (!(time <= now + toleratedSkewMs)) return true;
  return time < now - oldestLiveMs && ((batch.flags[i] ?? 0) & SampleFlag.historical) === 0;
}

function judgeValue(spec: ParameterSpec, batch: SampleBatch, i: number): void {
  const text = batch.texts[i];
  if (spec.dataType === "string") {
    if (text === undefined) mismatch(batch, i);
    return;
  }
  if (text !== undefined) {
    // Only 64-bit integers may come as digits.
    if (spec.dataType !== "int64" && spec.dataType !== "uint64") mismatch(batch, i);
    return;
  }
  const value = batch.values[i] ?? Number.NaN;
  if (Number.isNaN(value)) {
    batch.qualities[i] = Quality.badNoData;
    return;
  }
  const limits = integerRangeOf(spec.dataType);
  if (limits !== undefined && (!Number.isInteger(value) || value < limits[0] || value > limits[1])) {
    mismatch(batch, i);
    return;
  }
  const { range } = spec;
  if (range !== undefined && (value < range.low || value > range.high)) {
    batch.qualities[i] = Quality.uncertainEngineeringUnitsExceeded;
  }
}

/** A value of the wrong type is no value: shown without one, with the reason. */
function mismatch(batch: SampleBatch, i: number): void {
  batch.values[i] = Number.NaN;
  batch.texts[i] = undefined;
  batch.qualities[i] = Quality.badTypeMismatch;
}
