import type {
  Annotation,
  AnnotationEdit,
  AnnotationQuery,
  EditOutcome,
  HistoryEdit,
  ModifiedHistoryPage,
  ModifiedHistoryQuery,
  ValueEdit,
} from "#fleet/history/ports.ts";
import type { EpochMs } from "#model/ids.ts";

/** Half-open, as the store has ranges. */
export interface TimeSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/**
 * What people did to stored history: changes it, each call as a whole or not at all, and keeps what was before. Series are
 * named by their key. Every method throws `history-unavailable`.
 */
export interface EditStore {
  /** One outcome per time; the series must exist for values to be inserted. */
  edit(key: string, edit: ValueEdit): Promise<readonly EditOutcome[]>;
  /** Gives the number of values. */
  deleteRange(key: string, span: TimeSpan, edit: HistoryEdit): Promise<number>;
  /** Gives the number of entries. */
  deleteModified(key: string, span: TimeSpan): Promise<number>;
  /** One outcome per time. */
  deleteAt(key: string, times: Float64Array<ArrayBuffer>, edit: HistoryEdit): Promise<readonly EditOutcome[]>;
  modified(key: string, query: ModifiedHistoryQuery): Promise<ModifiedHistoryPage>;
  annotations(key: string, query: Omit<AnnotationQuery, "device" | "parameter">): Promise<readonly Annotation[]>;
  /** The parameters that have annotations. */
  annotated(): Promise<readonly { readonly device: string; readonly parameter: string }[]>;
  /** One outcome per annotation; the series must exist for new ones. */
  annotate(key: string, edit: AnnotationEdit): Promise<readonly EditOutcome[]>;
}
