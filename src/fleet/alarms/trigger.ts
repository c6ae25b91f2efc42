import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality, type QualityCode } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";

/** What triggers look at while they are evaluated: one object for all of them, set before each call. */
export class Situation {
  readonly live: LiveValues;
  /** Undefined for the host itself. */
  device: Device | undefined;
  /** Slot of the device's first parameter. */
  firstSlot = 0;
  /** The device's place among those of its type. */
  row = 0;
  now: EpochMs = 0;
  /** Milliseconds of a clock that is never set: what windows and durations are measured with. */
  time = 0;
  /** Worst quality that was read. */
  worst: QualityCode = Quality.good;
  /** When to look again although nothing arrives, as `time`; infinite when there is no need. */
  recheckAt = Number.POSITIVE_INFINITY;

  constructor(live: LiveValues) {
    this.live = live;
  }

  /** Look again at `time`, or earlier where somebody asked for it. */
  lookAgainAt(time: number): void {
    if (time < this.recheckAt) this.recheckAt = time;
  }
}

/** When an alarm of a device type is active; undefined = it cannot be told now. Never throws. */
export interface Trigger {
  /** Indexes of the parameters that it reads. */
  readonly inputs: readonly number[];
  holds(): boolean | undefined;
  /** When an active alarm may clear; absent: when `holds` says false. */
  gone?(): boolean | undefined;
  /** Present where every sample counts, also one that repeats the value: called before `holds`. */
  sample?(batch: SampleBatch, i: number): void;
  /** What people are told, instead of the message of the rule. */
  text?(row: number): string | undefined;
  /** Forgets what it keeps of a row. */
  forget?(row: number): void;
}
