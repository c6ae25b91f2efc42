import type { EventJournal } from "#fleet/alarms/ports.ts";
import { earliestTime } from "#historian/codec/pg-time.ts";
import { eventContent } from "#historian/events/event-content.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import { SeriesTable } from "#historian/series-table.ts";
import type { HistoryStore, SeriesInfo } from "#historian/store/history-store.ts";
import type { Clock } from "#lib/clock.ts";
import { backupTables } from "./backup-store.ts";
import { manifestName, manifestText } from "./manifest.ts";
import { BackupFolder, RecordPacker } from "./record-packer.ts";

export interface BackupParts {
  readonly store: HistoryStore;
  readonly events: Pick<EventJournal, "read">;
  readonly clock: Clock;
}

export interface BackupSummary {
  readonly folder: string;
  readonly series: number;
  readonly values: number;
  readonly events: number;
  /** Rows of other tables. */
  readonly rows: number;
}

/** Rows at a time: the store serves others between two pages. */
const pageRows = 10_000;
const pageEvents = 1000;

/**
 * Writes the whole history into `folder`, which is made: values, events, what is known of devices, edits. Everything that
 * was in the store before the call is in it, of what comes meanwhile a part. Works on any engine and restores on any.
 */
export async function backupHistory(folder: string, parts: BackupParts): Promise<BackupSummary> {
  const { store, clock } = parts;
  const into = await BackupFolder.create(folder);
  const created = new Date(clock.now()).toISOString();
  const series = await store.listSeries();
  const values = await packValues(series, store, into);
  const events = await packEvents(parts, into);
  let rows = 0;
  for (const table of backupTables) {
    for (let skip = 0, part = 1; ; part += 1) {
      const lines = await store.backup.readTable(table, skip, pageRows);
      if (lines.length === 0) break;
      const name = `${table}-${String(part).padStart(6, "0")}.zst`;
      await into.add("table", name, [Buffer.from(lines.join("\n"), "utf8")], lines.length);
      skip += lines.length;
      rows += lines.length;
    }
  }
  await into.finish(manifestName, manifestText(created, series, into.files));
  return { folder, series: series.length, values, events, rows };
}

async function packValues(series: readonly SeriesInfo[], store: HistoryStore, into: BackupFolder): Promise<number> {
  const names = new SeriesTable();
  const packer = new RecordPacker(into, "values", sampleContent(names));
  for (const info of series) {
    const number = names.numberOfInfo(info);
    for (let after: number | undefined = earliestTime - 1; after !== undefined; ) {
      const page = await store.backup.readRows(info.key, after, pageRows);
      page.series.fill(number);
      await packer.add(page);
      after = page.size < pageRows ? undefined : page.times.at(-1);
    }
  }
  await packer.finish();
  return packer.total;
}

async function packEvents({ events }: BackupParts, into: BackupFolder): Promise<number> {
  const packer = new RecordPacker(into, "events", eventContent);
  const query = { device: undefined, from: undefined, to: undefined, reverse: false, limit: pageEvents };
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await events.read(after === undefined ? query : { ...query, after });
    await packer.add(page.events);
    after = page.next;
  }
  await packer.finish();
  return packer.total;
}
