import { type HistoryColumns, sliceColumns } from "./columns.ts";
import type { SeriesTable } from "./series-table.ts";
import { sortColumns } from "./sort-columns.ts";
import type { HistoryStore } from "./store/history-store.ts";
import { type RefusedRow, storeRows } from "./store-rows.ts";

export interface StoredBatch {
  /** Rows that the store confirmed. */
  readonly stored: number;
  readonly refused: readonly RefusedRow<HistoryColumns>[];
}

const rowType = { size: (rows: HistoryColumns) => rows.size, slice: sliceColumns };

/** Brings batches of samples into the store, under the store's own names of their series. */
export class StoreLane {
  readonly #store: HistoryStore;
  readonly #series: SeriesTable;
  readonly #append: (rows: HistoryColumns, generation: number) => Promise<void>;
  #generation = -1;

  /** Stores with `append`; without it new values win over old ones. */
  constructor(store: HistoryStore, series: SeriesTable, append: HistoryStore["append"] = store.append.bind(store)) {
    this.#store = store;
    this.#series = series;
    this.#append = append;
  }

  /** Stores a batch; throws `history-unavailable` with nothing of it known to be stored. */
  async write(batch: HistoryColumns): Promise<StoredBatch> {
    const generation = await this.#nameSeries(batch);
    const rows = sortColumns(batch, this.#series.storeIds);
    const refused = await storeRows(rows, rowType, (part) => this.#append(part, generation));
    return { stored: rows.size - refused.length, refused };
  }

  /** Learns the store's ids of the batch's series; returns the generation of the store in which they hold. */
  async #nameSeries(batch: HistoryColumns): Promise<number> {
    const { generation } = this.#store;
    if (generation !== this.#generation) this.#series.forgetNames();
    this.#generation = generation;
    const { newDevices } = this.#series;
    if (newDevices.length > 0) {
      await this.#store.describeDevices(newDevices);
      this.#series.described(newDevices);
    }
    const unnamed = this.#series.unnamed(batch.series);
    if (unnamed.length === 0) return generation;
    const ids = await this.#store.ensureSeries(this.#series.infosOf(unnamed));
    if (this.#store.generation === generation) this.#series.name(unnamed, ids);
    return generation;
  }
}
