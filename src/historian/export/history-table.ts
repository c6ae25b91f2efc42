import type { EventJournal, EventRecord } from "#fleet/alarms/ports.ts";
import type { ExportQuery, ExportSelection } from "#fleet/history-export.ts";
import type { HistoryPage, HistoryReader, ProcessedHistoryReader } from "#fleet/ports.ts";
import type { SeriesInfo } from "#historian/store/history-store.ts";
import { deviceId } from "#model/ids.ts";
import { isBad, isGood } from "#model/quality.ts";
import type { ExportColumn, ExportPart, ExportTable } from "./export-table.ts";

export interface ExportSources {
  readonly history: HistoryReader & ProcessedHistoryReader;
  readonly events: EventJournal;
  /** Everything that was ever stored of. */
  listSeries(): Promise<readonly SeriesInfo[]>;
}

/** Rows per part: enough for one page of the store and one row group, too few to hold up anybody else. */
const partRows = 10_000;
const eventRows = 1000;

/** The answer to a question as a table. */
export function historyTable(query: ExportQuery, sources: ExportSources): ExportTable {
  switch (query.kind) {
    case "raw":
      return { columns: rawColumns, parts: rawParts(query, sources) };
    case "processed":
      return { columns: processedColumns, parts: processedParts(query, sources) };
    case "events":
      return { columns: eventColumns, parts: eventParts(query, sources) };
  }
}

const seriesColumns: readonly ExportColumn[] = [
  { name: "time", type: "time" },
  { name: "device", type: "text" },
  { name: "parameter", type: "text" },
  { name: "unit", type: "text" },
  { name: "value", type: "number" },
];
const qualityColumns: readonly ExportColumn[] = [
  { name: "quality", type: "text" },
  { name: "status", type: "status" },
];
const rawColumns: readonly ExportColumn[] = [...seriesColumns, { name: "text", type: "text" }, ...qualityColumns];
const processedColumns: readonly ExportColumn[] = [...seriesColumns, ...qualityColumns];

const eventColumns: readonly ExportColumn[] = [
  { name: "time", type: "time" },
  { name: "received", type: "time" },
  { name: "device", type: "text" },
  { name: "kind", type: "text" },
  { name: "name", type: "text" },
  { name: "severity", type: "number" },
  { name: "message", type: "text" },
  { name: "user", type: "text" },
  { name: "id", type: "text" },
];

async function* rawParts(query: ExportSelection, sources: ExportSources): AsyncGenerator<ExportPart> {
  const { from, to } = query;
  for (const series of await selected(query, sources)) {
    const { device, parameter } = series;
    const base = { device: deviceId(device), parameter, from, to, reverse: false, limit: partRows };
    for (let after: number | undefined; ; ) {
      const page: HistoryPage = await sources.history.raw(after === undefined ? base : { ...base, after });
      yield rawPart(series, page);
      after = page.times.at(-1);
      if (!page.more || after === undefined) break;
    }
  }
}

function rawPart(series: SeriesInfo, { times, values, texts, qualities }: HistoryPage): ExportPart {
  const size = times.length;
  return { size, cells: [times, ...constants(series, size), values, texts ?? [], namesOf(qualities), qualities] };
}

async function* processedParts(
  query: Extract<ExportQuery, { kind: "processed" }>,
  sources: ExportSources,
): AsyncGenerator<ExportPart> {
  for (const series of await selected(query, sources)) {
    const { times, values, statuses } = await sources.history.processed({
      ...query,
      device: deviceId(series.device),
      parameter: series.parameter,
      startTime: query.from,
      endTime: query.to,
    });
    for (let start = 0; start < times.length; start += partRows) {
      const end = Math.min(times.length, start + partRows);
      const part = statuses.subarray(start, end);
      const cells = [times.subarray(start, end), ...constants(series, end - start), values.subarray(start, end)];
      yield { size: end - start, cells: [...cells, namesOf(part), part] };
    }
  }
}

async function* eventParts(query: ExportSelection, { events }: ExportSources): AsyncGenerator<ExportPart> {
  const { from, to, devices } = query;
  for (const device of devices ?? [undefined]) {
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const base = { device, from, to, reverse: false, limit: eventRows };
      const page = await events.read(after === undefined ? base : { ...base, after });
      yield eventPart(page.events);
      after = page.next;
    }
  }
}

function eventPart(events: readonly EventRecord[]): ExportPart {
  const column = (of: (event: EventRecord) => number | string | undefined) => events.map(of);
  const cells = [
    column((event) => event.at),
    column((event) => event.receivedAt),
    column((event) => event.device),
    column((event) => event.kind),
    column((event) => event.name),
    column((event) => event.severity),
    column((event) => event.message),
    column((event) => event.user),
    column((event) => event.eventId),
  ];
  return { size: events.length, cells };
}

async function selected(query: ExportSelection, sources: ExportSources): Promise<readonly SeriesInfo[]> {
  const devices = query.devices && new Set<string>(query.devices);
  const parameters = query.parameters && new Set(query.parameters);
  return (await sources.listSeries()).filter(
    ({ device, parameter }) => devices?.has(device) !== false && parameters?.has(parameter) !== false,
  );
}

function constants({ device, parameter, unit }: SeriesInfo, size: number): string[][] {
  return [device, parameter, unit].map((text) => Array<string>(size).fill(text));
}

function namesOf(qualities: Uint32Array): string[] {
  return Array.from(qualities, (quality) => (isGood(quality) ? "Good" : isBad(quality) ? "Bad" : "Uncertain"));
}
