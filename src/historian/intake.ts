import type { Device } from "#fleet/device.ts";
import { earliestTime, latestTime, roundToMicrosecond } from "#historian/codec/pg-time.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { ColumnCollector, type HistoryColumns } from "./columns.ts";
import type { SeriesTable } from "./series-table.ts";
import { StoreOnChange } from "./store-on-change.ts";
import type { DropReason, WriterTally } from "./writer-tally.ts";

/** Source times further than this from the time of receipt get the latter stored beside them. */
const clockToleranceMs = 10_000;

/** Picks the samples that are to be kept out of what arrives, and collects them. */
export class Intake {
  readonly #series: SeriesTable;
  readonly #tally: WriterTally;
  readonly #changes = new StoreOnChange();
  readonly #collector: ColumnCollector;

  constructor(series: SeriesTable, tally: WriterTally, capacity: number) {
    this.#series = series;
    this.#tally = tally;
    this.#collector = new ColumnCollector(capacity);
  }

  /** Samples collected and not yet taken away. */
  get size(): number {
    return this.#collector.size;
  }

  /** Collects from a batch; with a `refusal` samples are counted under it instead. */
  add(device: Device, batch: SampleBatch, refusal: DropReason | undefined): void {
    const { parameters } = device.package;
    for (let i = 0; i < batch.size; i += 1) {
      const parameter = batch.parameters[i] ?? -1;
      const spec = parameters[parameter];
      if (spec === undefined || !spec.history.historize) continue;
      if (((batch.flags[i] ?? 0) & SampleFlag.transient) !== 0) continue;
      this.#addSample(this.#series.numberOf(device, parameter), spec, { batch, i, refusal });
    }
  }

  /** Hands over what was collected. */
  take(): HistoryColumns {
    return this.#collector.take();
  }

  #addSample(series: number, spec: ParameterSpec, { batch, i, refusal }: SampleAt): void {
    const time = roundToMicrosecond(batch.times[i] ?? Number.NaN);
    const value = batch.values[i] ?? Number.NaN;
    const quality = batch.qualities[i] ?? 0;
    const text = batch.texts[i];
    const isLive = ((batch.flags[i] ?? 0) & SampleFlag.historical) === 0;
    if (isLive && !this.#changes.admit(series, spec.history, { time, value, quality, text })) {
      this.#tally.unchanged();
      return;
    }
    const obstacle = obstacleOf(time, text) ?? refusal;
    if (obstacle !== undefined) {
      this.#tally.refused(obstacle);
      return;
    }
    this.#tally.taken();
    this.#collector.add(series, time, value, quality);
    if (text !== undefined) this.#collector.setText(text);
    if (Math.abs(batch.receivedAt - time) > clockToleranceMs) this.#collector.setServerTime(batch.receivedAt);
  }
}

interface SampleAt {
  readonly batch: SampleBatch;
  readonly i: number;
  readonly refusal: DropReason | undefined;
}

/** Why no store can hold a sample. */
function obstacleOf(time: number, text: string | undefined): DropReason | undefined {
  if (!(time >= earliestTime && time <= latestTime)) return "time-out-of-range";
  // PostgreSQL's text holds every character but NUL.
  return text?.includes("\0") === true ? "text-not-storable" : undefined;
}
