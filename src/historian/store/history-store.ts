import type { HistoryPage } from "#fleet/ports.ts";
import type { BackupStore } from "#historian/backup/backup-store.ts";
import type { HistoryColumns } from "#historian/columns.ts";
import type { EventStore } from "#historian/events/event-store.ts";
import type { RollupStore } from "#historian/rollups/rollup-store.ts";
import type { DataType } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import type { EditStore } from "./edit-store.ts";

/** One series of history: a parameter of a device. */
export interface SeriesInfo {
  /** `device/parameter`: unique, and readable in the table. */
  readonly key: string;
  readonly device: string;
  readonly parameter: string;
  readonly dataType: DataType;
  /** UN/CEFACT code of the unit, empty when it has none. */
  readonly unit: string;
}

/** What panels want to know of a device. */
export interface DeviceInfo {
  readonly id: string;
  /** Name of the device type. */
  readonly type: string;
  readonly manufacturer: string;
  readonly model: string;
  /** `id@revision` of its package. */
  readonly package: string;
}

/** The half-open range [from, to) of one series, in epoch ms to the microsecond. */
export interface SeriesRange {
  readonly key: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Values of a range of one series. */
export interface RawRead extends SeriesRange {
  /** Newest first. */
  readonly reverse: boolean;
  /** At most this many values. */
  readonly limit: number;
}

/** The oldest time that is kept of each kind; absent: everything is. */
export interface KeepFrom {
  /** Stored values, and what they were before they were changed. */
  readonly raw?: EpochMs | undefined;
  /** Summaries per minute. */
  readonly minutes?: EpochMs | undefined;
  /** Summaries per hour and day. */
  readonly hours?: EpochMs | undefined;
  readonly events?: EpochMs | undefined;
}

export interface StoreHealth {
  readonly available: boolean;
  /** One sentence: which store, where, and the cause when it is not available. */
  readonly detail: string;
  /** Something about the store that is not as it should be although it works. */
  readonly remark?: string | undefined;
}

/**
 * The rows, not the connection, are the reason that a batch was refused (SQLSTATE class 22 or 23): trying again cannot
 * help.
 */
export class RowsRefused extends Error {
  override readonly name = "RowsRefused";
  readonly sqlState: string;

  constructor(sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.sqlState = sqlState;
  }
}

/**
 * A place for history: the writer appends, readers ask. One engine per implementation, the same tables in each.
 * Every method throws `history-unavailable` when the engine cannot be reached; calls may overlap.
 */
export interface HistoryStore extends AsyncDisposable {
  /** Where events are kept. */
  readonly events: EventStore;
  /** What the maintenance summed up. */
  readonly rollups: RollupStore;
  /** What only backups need. */
  readonly backup: BackupStore;
  /** Changes when the engine was away and may have come back as another one: store ids are to be asked for again. */
  readonly generation: number;
  /** What people did to the history. */
  readonly edits: EditStore;
  /** The store ids (positive) of the series, in the order given; series that are new are created. */
  ensureSeries(series: readonly SeriesInfo[]): Promise<Int32Array>;
  /** Every series, by device and parameter. */
  listSeries(): Promise<readonly SeriesInfo[]>;
  /** Keeps what is known of devices beside their history. */
  describeDevices(devices: readonly DeviceInfo[]): Promise<void>;
  /**
   * Stores the rows in one transaction; resolves when they are durable. `series` holds store ids learned in `generation`,
   * the rows are sorted by series and time without duplicates. A row that is there already is replaced when its value, text or status differs.
   * Throws RowsRefused, with nothing stored, when the engine refuses a row.
   */
  append(rows: HistoryColumns, generation: number): Promise<void>;
  /** The page of each read, in the order given, with one statement; an unknown series has an empty one. */
  readRaw(reads: readonly RawRead[]): Promise<readonly HistoryPage[]>;
  /** Makes room for the days around `now` and removes what is older than `keep` says. */
  maintain(now: EpochMs, keep: KeepFrom): Promise<void>;
  /** Sums up at most `limit` hours of series that ended before `until` and got samples since; returns how many. */
  refreshRollups(until: EpochMs, limit: number): Promise<number>;
  health(): StoreHealth;
}
