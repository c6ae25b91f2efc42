import { join } from "node:path";
import type {
  Annotation,
  AnnotationQuery,
  AtTimeHistoryQuery,
  HistoryAccess,
  HistoryEditor,
  ModifiedHistoryPage,
  ModifiedHistoryQuery,
} from "#fleet/history/ports.ts";
import type { ExportFormat, ExportQuery, HistoryExporter } from "#fleet/history-export.ts";
import type { HistoryPage, ProcessedHistoryPage, ProcessedHistoryQuery, RawHistoryQuery } from "#fleet/ports.ts";
import type { WarningBoard } from "#fleet/warning-board.ts";
import { type BackupSummary, backupHistory } from "#historian/backup/backup-history.ts";
import { restoreHistory } from "#historian/backup/restore-history.ts";
import { earliestTime, latestTime, nextInstant } from "#historian/codec/pg-time.ts";
import { EventWriter } from "#historian/events/event-writer.ts";
import { exportHistory } from "#historian/export/export-history.ts";
import { defaultJournalLimits, Journal, type JournalLimits, type JournalState } from "#historian/journal/journal.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import type { Clock } from "#lib/clock.ts";
import { FolderInUse, type FolderLock, lockFolder } from "#lib/folder-lock.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { type HistoryColumns, type TimeRange, timeRangeOf } from "./columns.ts";
import { StoreEditor } from "./history-editor.ts";
import { HistoryWatch } from "./history-watch.ts";
import { type KeepPeriods, Maintenance } from "./maintenance.ts";
import { quarantineRows } from "./quarantine-rows.ts";
import { readAtTime } from "./read-at-time.ts";
import { readProcessed } from "./read-processed.ts";
import { SeriesTable, seriesKey } from "./series-table.ts";
import type { HistoryStore, RawRead, SeriesInfo, StoreHealth } from "./store/history-store.ts";
import { openPgStore } from "./store/pg-store.ts";
import { openPgliteStore } from "./store/pglite-store.ts";
import { HistoryWriter } from "./writer.ts";
import { type WriterCounters, WriterTally } from "./writer-tally.ts";

export interface HistorianOptions {
  /** Folder of the journal, and of the embedded store where there is no database; nobody else uses it. */
  readonly folder: string;
  /** PostgreSQL or TimescaleDB to use instead of the embedded store. */
  readonly databaseUrl: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly journal?: Partial<JournalLimits>;
  /** Told of what goes wrong with the history. */
  readonly warnings?: Pick<WarningBoard, "raise" | "clear">;
  /** How long what is stored is kept. */
  readonly keep?: KeepPeriods;
}

/** Events are few: what does not fit here is an outage of weeks. */
const eventLimits: JournalLimits = {
  ...defaultJournalLimits,
  segmentBytes: 4 * 1024 * 1024,
  maxBytes: 256 * 1024 * 1024,
};

/** The most values that one page holds, whatever was asked for. */
export const maxPageValues = 10_000;

/**
 * Keeps the history: a sink for samples and a reader of what was stored.
 * Throws `data-folder-in-use` when another process has the folder open; a store that does not answer yet is retried and
 * shows in health().
 */
export async function openHistorian(options: HistorianOptions): Promise<Historian> {
  const { folder, databaseUrl, clock, logger } = options;
  await using opened = new AsyncDisposableStack();
  opened.use(takeFolder(folder));
  const series = new SeriesTable();
  const tally = new WriterTally();
  const journal = opened.use(
    await Journal.open({
      folder: join(folder, "journal"),
      limits: { ...defaultJournalLimits, ...options.journal },
      content: sampleContent(series),
      onLost: (rows, reason) => {
        tally.lost(rows, reason);
        logger.error({ rows, reason }, "Samples of the journal are lost");
      },
    }),
  );
  tally.recovered(await journal.pendingRows());
  const store = opened.use(
    databaseUrl === undefined ? await openPgliteStore({ folder, clock }) : await openPgStore({ url: databaseUrl }),
  );
  const writer = new HistoryWriter({
    ...options,
    store,
    journal,
    series,
    tally,
    onRefused: (rows) => quarantineRows(rows, { quarantine: journal.quarantine, series, clock, logger }),
  });
  opened.defer(() => writer.close());
  const events = opened.use(
    await EventWriter.open({ ...options, store: store.events, folder: join(folder, "events"), limits: eventLimits }),
  );
  if (options.warnings !== undefined) {
    const { warnings } = options;
    opened.use(new HistoryWatch({ warnings, clock, storeHealth: () => store.health(), samples: writer, events }));
  }
  const maintenance = new Maintenance({ store, clock, logger, keep: options.keep ?? {} });
  opened.defer(() => maintenance.stop());
  maintenance.start();
  return new Historian({ writer, events, store, journal, clock }, opened.move());
}

interface HistorianParts {
  readonly writer: HistoryWriter;
  readonly events: EventWriter;
  readonly store: HistoryStore;
  readonly journal: Pick<Journal<HistoryColumns>, "state" | "persist">;
  readonly clock: Clock;
}

/** The history of the fleet; dispose of it to save what is on its way. */
export class Historian implements HistoryAccess, HistoryExporter, AsyncDisposable {
  /** Takes the samples: the sink to give to the fleet. */
  readonly writer: HistoryWriter;
  /** Takes events and gives them back. */
  readonly events: EventWriter;
  /** Changes what was stored. */
  readonly editor: HistoryEditor;
  readonly #store: HistoryStore;
  readonly #journal: Pick<Journal<HistoryColumns>, "state" | "persist">;
  readonly #clock: Clock;
  readonly #owned: AsyncDisposableStack;

  /** Made by openHistorian; `owned` is disposed of with it. */
  constructor({ writer, events, store, journal, clock }: HistorianParts, owned: AsyncDisposableStack) {
    this.writer = writer;
    this.events = events;
    this.#store = store;
    this.#journal = journal;
    this.#clock = clock;
    this.#owned = owned;
    this.editor = new StoreEditor(store, (range) => this.#storedForGood(range));
  }

  async raw(query: RawHistoryQuery): Promise<HistoryPage> {
    const [page] = await this.pages([query]);
    if (page === undefined) throw new HostError("history-unavailable", "The history store gave no answer");
    return page;
  }

  async pages(queries: readonly RawHistoryQuery[]): Promise<readonly HistoryPage[]> {
    if (queries.length === 0) return [];
    const reads = queries.map(readOf);
    await this.#stored({
      from: Math.min(...reads.map(({ from }) => from)),
      to: Math.max(...reads.map(({ to }) => to)),
    });
    return this.#store.readRaw(reads);
  }

  async processed(query: ProcessedHistoryQuery): Promise<ProcessedHistoryPage> {
    const key = seriesKey(query.device, query.parameter);
    const from = Math.min(query.startTime, query.endTime);
    await this.#stored({ from, to: Math.max(query.startTime, query.endTime) });
    return readProcessed(this.#store, key, query);
  }

  export(query: ExportQuery, format: ExportFormat): AsyncIterable<Uint8Array> {
    const { from = earliestTime, to = latestTime } = query;
    const listSeries = async (): Promise<readonly SeriesInfo[]> => {
      // A series gets its place in the store with its first value.
      await this.#stored({ from, to });
      return this.#store.listSeries();
    };
    return exportHistory(query, format, { history: this, events: this.events, listSeries });
  }

  /** Writes everything accepted before the call into `folder`; see backupHistory. */
  async backup(folder: string): Promise<BackupSummary> {
    await this.#stored({ from: earliestTime, to: latestTime });
    return backupHistory(folder, { store: this.#store, events: this.events, clock: this.#clock });
  }

  /** Brings back what a backup holds; see restoreHistory. */
  async restore(folder: string): Promise<BackupSummary> {
    return restoreHistory(folder, this.#store);
  }

  async atTime(query: AtTimeHistoryQuery): Promise<HistoryPage> {
    await this.#stored(timeRangeOf(query.times));
    return readAtTime(this.#store, seriesKey(query.device, query.parameter), query);
  }

  async modified(query: ModifiedHistoryQuery): Promise<ModifiedHistoryPage> {
    const limit = Math.min(query.limit, maxPageValues);
    return this.#store.edits.modified(seriesKey(query.device, query.parameter), { ...query, limit });
  }

  async annotations(query: AnnotationQuery): Promise<readonly Annotation[]> {
    return this.#store.edits.annotations(seriesKey(query.device, query.parameter), query);
  }

  async annotated(): Promise<readonly { readonly device: string; readonly parameter: string }[]> {
    return this.#store.edits.annotated();
  }

  counters(): WriterCounters {
    return this.writer.counters();
  }

  /** How full the journal of the samples is. */
  journalState(): JournalState {
    return this.#journal.state;
  }

  /** Whether samples reach the store, and one sentence about it. */
  health(): StoreHealth {
    const health = this.#store.health();
    const trouble = this.writer.trouble() ?? this.events.trouble();
    if (!health.available || trouble === undefined) return health;
    return { available: false, detail: `${health.detail}: ${trouble.text}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  /** The same, and waits until the journal would not give it back after a crash either. */
  async #storedForGood(range: TimeRange): Promise<void> {
    await this.#stored(range);
    await this.#journal.persist().catch((error: unknown) => {
      throw new HostError("history-unavailable", `The journal's cursor cannot be kept: ${messageOf(error)}`, {
        cause: error,
      });
    });
  }

  /** Waits until what was accepted is in the store; a backlog matters only where it may hold something of the range. */
  async #stored(range: TimeRange): Promise<void> {
    try {
      await this.writer.flush();
    } catch (error) {
      const pending = this.writer.pendingRange();
      if (pending !== undefined && pending.from < range.to && pending.to >= range.from) throw error;
    }
  }
}

/** The store's ranges are half-open upwards; reading backwards includes the newest instant instead of the oldest. */
function readOf(query: RawHistoryQuery): RawRead {
  const { from = earliestTime, to, after, reverse } = query;
  const about = {
    key: seriesKey(query.device, query.parameter),
    reverse,
    limit: Math.min(query.limit, maxPageValues),
  };
  if (reverse) {
    const end = nextInstant(to ?? latestTime);
    return { ...about, from: query.from === undefined ? from : nextInstant(from), to: Math.min(end, after ?? end) };
  }
  return {
    ...about,
    from: Math.max(from, after === undefined ? from : nextInstant(after)),
    to: to ?? nextInstant(latestTime),
  };
}

function takeFolder(folder: string): FolderLock {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw new HostError("data-folder-in-use", error.message, { cause: error });
    throw error;
  }
}
