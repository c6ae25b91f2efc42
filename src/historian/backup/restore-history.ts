import { eventContent } from "#historian/events/event-content.ts";
import type { JournalContent } from "#historian/journal/journal-content.ts";
import { RecordKind } from "#historian/journal/record.ts";
import { sampleContent } from "#historian/journal/sample-content.ts";
import { scanSegment } from "#historian/journal/scan-segment.ts";
import { SeriesTable } from "#historian/series-table.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import { StoreLane } from "#historian/store-lane.ts";
import { HostError } from "#model/errors.ts";
import type { BackupSummary } from "./backup-history.ts";
import { backupTables } from "./backup-store.ts";
import { type BackupFile, readBackupFile, readManifest } from "./manifest.ts";

/**
 * Brings a backup back into the store, beside whatever is in it and comes into it: a value, an event or an edit that is
 * there stays as it is. May be repeated. Throws `argument-invalid`, with nothing restored, when the backup is not complete
 * or a file of it is damaged.
 */
export async function restoreHistory(folder: string, store: HistoryStore): Promise<BackupSummary> {
  const manifest = await readManifest(folder);
  for (const file of manifest.files) await readBackupFile(folder, file);
  const names = new SeriesTable();
  const lane = new StoreLane(store, names, (rows) => store.backup.keepRows(rows));
  const content = sampleContent(names);
  if (manifest.series.length > 0) await store.ensureSeries(manifest.series);
  const of = (kind: BackupFile["kind"]): readonly BackupFile[] => manifest.files.filter((file) => file.kind === kind);
  let values = 0;
  let events = 0;
  let rows = 0;
  for (const file of of("values")) {
    for (const batch of batchesOf(await readBackupFile(folder, file), file, content)) {
      await lane.write(batch);
      values += batch.size;
    }
  }
  for (const file of of("events")) {
    for (const batch of batchesOf(await readBackupFile(folder, file), file, eventContent)) {
      await store.events.append(batch);
      events += batch.length;
    }
  }
  for (const file of of("table")) {
    const table = backupTables.find((name) => file.name.startsWith(`${name}-`));
    if (table === undefined) continue;
    const lines = Buffer.from(await readBackupFile(folder, file))
      .toString("utf8")
      .split("\n");
    await store.backup.keepTable(table, lines);
    rows += lines.length;
  }
  return { folder, series: manifest.series.length, values, events, rows };
}

function* batchesOf<T>(bytes: Uint8Array<ArrayBuffer>, file: BackupFile, content: JournalContent<T>): Generator<T> {
  const decoder = content.decoder();
  for (const part of scanSegment(bytes)) {
    if (part.kind !== "record") throw new HostError("argument-invalid", `${file.name} is not what this host writes`);
    if (part.record.kind === RecordKind.series) decoder.learn(part.record);
    if (part.record.kind === content.kind) yield decoder.decode(part.record);
  }
}
