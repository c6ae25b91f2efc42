import type { Device } from "#fleet/device.ts";
import type { HistoryPage, HistoryReader, RawHistoryQuery, SampleSink } from "#fleet/ports.ts";
import type { SampleBatch } from "#model/sample-batch.ts";

interface StoredValue {
  readonly time: number;
  readonly value: number;
  readonly quality: number;
  readonly text: string | undefined;
}

/** A historian in memory: keeps every sample and answers raw queries as the port says. */
export class MemoryHistory implements HistoryReader, SampleSink {
  readonly #series = new Map<string, StoredValue[]>();

  accept(device: Device, batch: SampleBatch): void {
    for (let i = 0; i < batch.size; i += 1) {
      const spec = device.package.parameters[batch.parameters[i] ?? -1];
      if (spec === undefined || !spec.history.historize) continue;
      const key = `${device.id}/${spec.name}`;
      const series = this.#series.get(key) ?? [];
      series.push({
        time: batch.times[i] ?? 0,
        value: batch.values[i] ?? Number.NaN,
        quality: batch.qualities[i] ?? 0,
        text: batch.texts[i],
      });
      this.#series.set(key, series);
    }
  }

  async raw(query: RawHistoryQuery): Promise<HistoryPage> {
    const { from, to, reverse, after, limit } = query;
    const all = [...(this.#series.get(`${query.device}/${query.parameter}`) ?? [])].sort((a, b) => a.time - b.time);
    const wanted = (reverse ? all.toReversed() : all).filter(({ time }) => {
      const isBehind = after === undefined || (reverse ? time < after : time > after);
      const isAfterStart = from === undefined || (reverse ? time > from : time >= from);
      const isBeforeEnd = to === undefined || (reverse ? time <= to : time < to);
      return isBehind && isAfterStart && isBeforeEnd;
    });
    const page = wanted.slice(0, limit);
    return {
      times: Float64Array.from(page, ({ time }) => time),
      values: Float64Array.from(page, ({ value }) => value),
      qualities: Uint32Array.from(page, ({ quality }) => quality),
      texts: page.some(({ text }) => text !== undefined) ? page.map(({ text }) => text) : undefined,
      more: wanted.length > page.length,
    };
  }
}
