import type { HistoryColumns } from "#historian/columns.ts";

const hourMs = 3_600_000;

/** Remembers which hours of series are marked to be summed up, so that each is marked once while its samples arrive. */
export class RollupMarks {
  /** The last hour that was marked of each series, by store id. */
  readonly #hours = new Map<number, number>();
  /** Summaries that are being made: what is marked now may be taken before its samples are seen. */
  #refreshing = 0;

  /** Forgets all: the store may not have them any more. */
  clear(): void {
    this.#hours.clear();
  }

  /** Makes summaries: samples of their hours mark them again when they come meanwhile or later. */
  async whileRefreshing<T>(refresh: () => Promise<T>): Promise<T> {
    this.#hours.clear();
    this.#refreshing += 1;
    try {
      return await refresh();
    } finally {
      this.#refreshing -= 1;
    }
  }

  /** The hours (their begin, epoch ms) of series in sorted rows that are not known to be marked. */
  newIn(rows: HistoryColumns): { readonly series: Int32Array; readonly hours: Float64Array } {
    const series: number[] = [];
    const hours: number[] = [];
    let lastId = 0;
    let lastHour = Number.NaN;
    for (let i = 0; i < rows.size; i += 1) {
      const id = rows.series[i] ?? 0;
      const hour = Math.floor((rows.times[i] ?? 0) / hourMs);
      // The rows are sorted: most are of the same series and hour as the one before.
      if (id === lastId && hour === lastHour) continue;
      lastId = id;
      lastHour = hour;
      if (this.#hours.get(id) === hour) continue;
      if (this.#refreshing === 0) this.#hours.set(id, hour);
      series.push(id);
      hours.push(hour * hourMs);
    }
    return { series: Int32Array.from(series), hours: Float64Array.from(hours) };
  }
}
