import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isBad, Quality } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";

/** What went stale, and since when. */
export interface Loss {
  readonly device: Device;
  /** The time to show with the values. */
  readonly at: EpochMs;
  /** True for the points that were filled from where nothing comes any more; default all. */
  readonly concerns?: (spec: ParameterSpec) => boolean;
}

/**
 * Marks the values of a device as no longer vouched for and fills `batch` with the marked values for the sinks: measured
 * values stay usable (Uncertain, the value is kept), positions and alarms become Bad (package flag `trustStale`).
 * Returns false when there was nothing to mark.
 */
export function staleBatch({ device, at, concerns }: Loss, live: LiveValues, batch: SampleBatch): boolean {
  batch.reset(at);
  for (const spec of device.package.parameters) {
    if (concerns !== undefined && !concerns(spec)) continue;
    const slot = device.firstSlot + spec.index;
    const quality = live.qualities[slot] ?? Quality.bad;
    if (Number.isNaN(live.times[slot]) || isBad(quality)) continue;
    const stale = spec.trustStale ? Quality.uncertainLastUsable : Quality.badNoCommunication;
    if (stale === quality) continue;
    live.qualities[slot] = stale;
    live.times[slot] = at;
    const text = live.texts[slot];
    if (text === undefined) batch.add(spec.index, live.values[slot] ?? Number.NaN, at, stale, SampleFlag.none);
    else batch.addText(spec.index, text, at, stale, SampleFlag.none);
  }
  return batch.size > 0;
}
