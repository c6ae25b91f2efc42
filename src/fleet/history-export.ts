import type { AggregateConfiguration, AggregateName } from "#model/aggregate.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";

export const exportFormats = ["csv", "json", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What an HTTP answer or a file of each format is called. */
export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  parquet: "application/vnd.apache.parquet",
};

/** Which series are exported; undefined = all. */
export interface ExportSelection {
  readonly devices: readonly DeviceId[] | undefined;
  readonly parameters: readonly string[] | undefined;
  /** Oldest instant (inclusive); undefined = from the beginning. */
  readonly from: EpochMs | undefined;
  /** Newest instant (exclusive); undefined = to the end. */
  readonly to: EpochMs | undefined;
}

/** A question whose answer is a table. */
export type ExportQuery =
  /** Stored values: time, device, parameter, unit, value, text, quality, status. Series after series, each by time. */
  | ({ readonly kind: "raw" } & ExportSelection)
  /** One row per interval: time, device, parameter, unit, value, quality, status. */
  | ({
      readonly kind: "processed";
      readonly aggregate: AggregateName;
      readonly processingIntervalMs: number;
      readonly stepped: boolean;
      readonly configuration: AggregateConfiguration;
    } & ExportSelection & { readonly from: EpochMs; readonly to: EpochMs })
  /** Events: time, received, device, kind, name, severity, message, user, id. By time; `parameters` does not matter. */
  | ({ readonly kind: "events" } & ExportSelection);

/** Gives history away as files. */
export interface HistoryExporter {
  /**
   * The answer as a file, piece by piece; nothing is read ahead of whoever takes the pieces. What was accepted before the
   * call is included. Throws `history-unavailable`, also between pieces: then the file is cut off, never made up.
   */
  export(query: ExportQuery, format: ExportFormat): AsyncIterable<Uint8Array>;
}
