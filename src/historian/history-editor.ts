import type { AnnotationEdit, EditOutcome, HistoryEdit, HistoryEditor, ValueEdit } from "#fleet/history/ports.ts";
import type { EpochMs } from "#model/ids.ts";
import type { TimeRange } from "./columns.ts";
import { seriesKey } from "./series-table.ts";
import type { HistoryStore } from "./store/history-store.ts";

type Span = { readonly from: EpochMs; readonly to: EpochMs };

/** Changes stored history once everything that was accepted before is in the store, and will not be stored again. */
export class StoreEditor implements HistoryEditor {
  readonly #store: HistoryStore;
  readonly #stored: (range: TimeRange) => Promise<void>;

  /**
   * `stored` resolves when what was accepted of a range is in the store and a crash does not bring it once more, which
   * would undo the change; throws `history-unavailable`.
   */
  constructor(store: HistoryStore, stored: (range: TimeRange) => Promise<void>) {
    this.#store = store;
    this.#stored = stored;
  }

  async edit(edit: ValueEdit): Promise<readonly EditOutcome[]> {
    const { times } = edit;
    if (times.length === 0) return [];
    await this.#stored({ from: times[0] ?? 0, to: times.at(-1) ?? 0 });
    if (edit.mode !== "replace") await this.#store.ensureSeries([infoOf(edit)]);
    return this.#store.edits.edit(keyOf(edit), edit);
  }

  async deleteRange(edit: HistoryEdit & Span): Promise<number> {
    await this.#stored(edit);
    return this.#store.edits.deleteRange(keyOf(edit), edit, edit);
  }

  async deleteModified(edit: HistoryEdit & Span): Promise<number> {
    return this.#store.edits.deleteModified(keyOf(edit), edit);
  }

  async deleteAt(edit: HistoryEdit & { readonly times: Float64Array<ArrayBuffer> }): Promise<readonly EditOutcome[]> {
    const { times } = edit;
    if (times.length === 0) return [];
    await this.#stored({ from: times[0] ?? 0, to: times.at(-1) ?? 0 });
    return this.#store.edits.deleteAt(keyOf(edit), times, edit);
  }

  async annotate(edit: AnnotationEdit): Promise<readonly EditOutcome[]> {
    if (edit.annotations.length === 0) return [];
    if (edit.mode === "insert" || edit.mode === "update") await this.#store.ensureSeries([infoOf(edit)]);
    return this.#store.edits.annotate(keyOf(edit), edit);
  }
}

function keyOf({ device, parameter }: HistoryEdit): string {
  return seriesKey(device, parameter.name);
}

function infoOf({ device, parameter }: HistoryEdit) {
  const { name, dataType, unit } = parameter;
  return { key: seriesKey(device, name), device, parameter: name, dataType, unit: unit?.code ?? "" };
}
