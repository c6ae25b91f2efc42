import type { HistoryPage, HistoryReader, ProcessedHistoryReader, RawHistoryQuery } from "#fleet/ports.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

/** Reads raw values of several parameters. Throws `history-unavailable`. */
export interface ManyHistoryReader extends HistoryReader {
  /** The pages of the queries, in their order, with one question to the store. */
  pages(queries: readonly RawHistoryQuery[]): Promise<readonly HistoryPage[]>;
}

/** A question for the values of one parameter at given instants (OPC 10000-11, 6.5.5). */
export interface AtTimeHistoryQuery {
  readonly device: DeviceId;
  readonly parameter: string;
  /** Epoch ms, in the order of the answer. */
  readonly times: Float64Array;
  /** True: a value holds until the next one; false: it goes there in a straight line. */
  readonly stepped: boolean;
  /** Estimates from the two raw values around an instant, even where one is bad (OPC 10000-13, 3.1.9). */
  readonly useSimpleBounds: boolean;
  readonly treatUncertainAsBad: boolean;
}

/** Gives stored values at instants, estimated where none was stored. Throws `history-unavailable`. */
export interface AtTimeHistoryReader {
  /** A value for each instant, in the order of the instants; the qualities carry historian bits. */
  atTime(query: AtTimeHistoryQuery): Promise<HistoryPage>;
}

/** What was done to a stored value; the numbers are those of HistoryUpdateType (OPC 10000-11, 6.8.5). */
export const Modification = { insert: 1, replace: 2, update: 3, delete: 4 } as const;

export type ModificationCode = (typeof Modification)[keyof typeof Modification];

/** A place behind a modified value: its time and its number. */
export interface ModifiedPlace {
  readonly time: EpochMs;
  readonly number: number;
}

/** A question for modified values of one parameter; range and direction as in RawHistoryQuery. */
export interface ModifiedHistoryQuery {
  readonly device: DeviceId;
  readonly parameter: string;
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly reverse: boolean;
  readonly limit: number;
  readonly after?: ModifiedPlace;
}

/** Values that were replaced or deleted, and values that were inserted, with who did it; of one time the newest first. */
export interface ModifiedHistoryPage extends HistoryPage {
  readonly kinds: readonly ModificationCode[];
  /** When it was done. */
  readonly modified: Float64Array;
  readonly users: readonly string[];
  /** The last place of the page; undefined when it is empty. */
  readonly last: ModifiedPlace | undefined;
}

export interface ModifiedHistoryReader {
  /** Throws `history-unavailable`. */
  modified(query: ModifiedHistoryQuery): Promise<ModifiedHistoryPage>;
}

/** What a person noted to an instant of a parameter's history (OPC 10000-11, 5.5). */
export interface Annotation {
  /** The instant of the history that it belongs to. */
  readonly time: EpochMs;
  readonly message: string;
  readonly user: string;
  /** When it was written. */
  readonly writtenAt: EpochMs;
}

/** A question for annotations; range and direction as in RawHistoryQuery. */
export interface AnnotationQuery {
  readonly device: DeviceId;
  readonly parameter: string;
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly reverse: boolean;
  /** So many were given already. */
  readonly skip: number;
  readonly limit: number;
}

export interface AnnotationReader {
  /** In order of time, then of writing. Throws `history-unavailable`. */
  annotations(query: AnnotationQuery): Promise<readonly Annotation[]>;
  /** The parameters that have annotations. Throws `history-unavailable`. */
  annotated(): Promise<readonly { readonly device: string; readonly parameter: string }[]>;
}

/** Whose history is changed, by whom, when. */
export interface HistoryEdit {
  readonly device: DeviceId;
  readonly parameter: ParameterSpec;
  readonly user: string;
  readonly at: EpochMs;
}

/** `insert` adds where nothing is, `replace` changes what is there, `update` does either. */
export type ValueEditMode = "insert" | "replace" | "update";

export interface ValueEdit extends HistoryEdit {
  readonly mode: ValueEditMode;
  /** In order, each time once. */
  readonly times: Float64Array<ArrayBuffer>;
  /** NaN where the value is a text or absent. */
  readonly values: Float64Array<ArrayBuffer>;
  readonly qualities: Uint32Array<ArrayBuffer>;
  readonly texts: readonly (string | undefined)[] | undefined;
}

/** What became of one entry of an edit. */
export type EditOutcome = "inserted" | "replaced" | "deleted" | "exists" | "missing";

/**
 * Changes what is stored, each call as a whole or not at all; the values before are kept as modified history. Values
 * accepted before the call are included. Throws `history-unavailable`.
 */
export interface HistoryEditor {
  /** One outcome per time. */
  edit(edit: ValueEdit): Promise<readonly EditOutcome[]>;
  /** Deletes the values from `from` (inclusive) to `to` (exclusive); gives their number. */
  deleteRange(edit: HistoryEdit & { readonly from: EpochMs; readonly to: EpochMs }): Promise<number>;
  /** Deletes what ReadModified gives of that range; gives the number of entries. */
  deleteModified(edit: HistoryEdit & { readonly from: EpochMs; readonly to: EpochMs }): Promise<number>;
  /** One outcome per time; each time once. */
  deleteAt(edit: HistoryEdit & { readonly times: Float64Array<ArrayBuffer> }): Promise<readonly EditOutcome[]>;
  /** Annotations are told apart by time, author and time of writing. One outcome per annotation. */
  annotate(edit: AnnotationEdit): Promise<readonly EditOutcome[]>;
}

export interface AnnotationEdit extends HistoryEdit {
  readonly mode: ValueEditMode | "remove";
  readonly annotations: readonly Annotation[];
}

/** Everything that can be read of the history of values. */
export interface HistoryAccess
  extends ManyHistoryReader,
    ProcessedHistoryReader,
    AtTimeHistoryReader,
    ModifiedHistoryReader,
    AnnotationReader {}
