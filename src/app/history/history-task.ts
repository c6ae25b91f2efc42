import { type ExportFormat, type ExportQuery, exportFormats } from "#fleet/history-export.ts";
import type { Historian } from "#historian/historian.ts";
import { type AggregateName, aggregateNames, defaultAggregateConfiguration } from "#model/aggregate.ts";
import { HostError } from "#model/errors.ts";
import { type DeviceId, deviceId } from "#model/ids.ts";

/** Something to do with the whole history; plain data, so that one process can ask another for it. */
export type HistoryTask =
  | { readonly name: "backup" | "restore"; readonly folder: string }
  | { readonly name: "export"; readonly format: ExportFormat; readonly query: ExportQuery };

/** Does it, and gives the file, or a summary as JSON, piece by piece. */
export async function* runHistoryTask(historian: Historian, task: HistoryTask): AsyncGenerator<Uint8Array> {
  if (task.name === "export") yield* historian.export(task.query, task.format);
  else if (task.name === "backup") yield textBytes(await historian.backup(task.folder));
  else yield textBytes(await historian.restore(task.folder));
}

function textBytes(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The task that another process asks for; throws `argument-invalid` when it is none. */
export function historyTaskOf(value: unknown): HistoryTask {
  const task = fieldsOf(value);
  if ((task["name"] === "backup" || task["name"] === "restore") && typeof task["folder"] === "string") {
    return { name: task["name"], folder: task["folder"] };
  }
  const format = exportFormats.find((name) => name === task["format"]);
  if (task["name"] !== "export" || format === undefined) throw notATask();
  return { name: "export", format, query: queryOf(fieldsOf(task["query"])) };
}

function queryOf(fields: Readonly<Record<string, unknown>>): ExportQuery {
  const from = numberOf(fields["from"]);
  const to = numberOf(fields["to"]);
  const devices = textsOf(fields["devices"])?.map((name): DeviceId => deviceId(name));
  const selection = { devices, parameters: textsOf(fields["parameters"]), from, to };
  const { kind } = fields;
  if (kind === "raw" || kind === "events") return { kind, ...selection };
  const aggregate = aggregateNames.find((name: AggregateName) => name === fields["aggregate"]);
  const processingIntervalMs = numberOf(fields["processingIntervalMs"]);
  if (kind !== "processed" || aggregate === undefined || processingIntervalMs === undefined) throw notATask();
  if (from === undefined || to === undefined) throw notATask();
  const stepped = fields["stepped"] === true;
  const configuration = defaultAggregateConfiguration;
  return { kind, ...selection, from, to, aggregate, processingIntervalMs, stepped, configuration };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw notATask();
  return Object.fromEntries(Object.entries(value));
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

function notATask(): HostError {
  return new HostError("argument-invalid", "This host was asked for something that it cannot do with its history");
}
