import { extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ExportFormat, type ExportQuery, exportFormats } from "#fleet/history-export.ts";
import { aggregateNames, defaultAggregateConfiguration } from "#model/aggregate.ts";
import { deviceId, type EpochMs } from "#model/ids.ts";
import type { HistoryTask } from "./history-task.ts";

export const historyHelp = `fdi backup, restore, export: the history and the rest of a host's data, while it runs or not

  npm run fdi -- backup FOLDER [--config FILE]
  npm run fdi -- restore FOLDER [--config FILE] [--history-only]
  npm run fdi -- export [--out FILE] [--format csv|json|parquet] [what] [--config FILE]

  backup    writes values, events and edits of any store, and the other files of the data folder (certificates and
            secrets too: keep it safe), into a new FOLDER
  restore   brings a backup back, into any store: what is there already stays as it is. Files of the data folder are
            restored only while no host runs
  export    writes a table to FILE or to the terminal; the format is that of FILE's ending, else csv

What to export (default: all stored values)
  --device NAMES       devices, with commas          --parameter NAMES    parameters, with commas
  --from TIME          e.g. 2026-03-09T08:00:00Z     --to TIME            (exclusive)
  --aggregate NAME     e.g. Average, with --interval, --from and --to; --stepped holds values until the next one
  --interval TIME      e.g. 60s, 15m, 1h, 1d         --events             alarms and events instead of values

Exit code: 0 done, 1 not done, 2 called wrongly.
`;

/** The command was called wrongly. */
export class WrongArguments extends Error {
  override readonly name = "WrongArguments";
}

export interface HistoryArguments {
  readonly task: HistoryTask;
  readonly config: string | undefined;
  readonly out: string | undefined;
  readonly historyOnly: boolean;
}

/** Reads the arguments of `fdi backup`, `restore` or `export`; undefined when help is wanted. Throws WrongArguments. */
export function readHistoryArguments(name: string, args: readonly string[]): HistoryArguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const common = { config: values.config, historyOnly: values["history-only"] === true };
  if (name === "backup" || name === "restore") {
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new WrongArguments(`expected: ${name} FOLDER`);
    return { ...common, task: { name, folder: resolve(folder) }, out: undefined };
  }
  if (positionals.length > 0) throw new WrongArguments(`${positionals[0]} is not an option of export`);
  const out = values.out === undefined ? undefined : resolve(values.out);
  return { ...common, out, task: { name: "export", format: formatOf(values.format, out), query: queryOf(values) } };
}

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: "string" },
        "history-only": { type: "boolean" },
        out: { type: "string" },
        format: { type: "string" },
        device: { type: "string" },
        parameter: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        aggregate: { type: "string" },
        interval: { type: "string" },
        stepped: { type: "boolean" },
        events: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}

function formatOf(format: string | undefined, out: string | undefined): ExportFormat {
  const wanted = format ?? (out === undefined ? "csv" : extname(out).slice(1));
  const known = exportFormats.find((name) => name === wanted);
  if (known !== undefined) return known;
  if (format === undefined) return "csv";
  throw new WrongArguments(`${format} is no format: expected ${exportFormats.join(", ")}`);
}

function queryOf(values: Values): ExportQuery {
  const from = timeOf("from", values.from);
  const to = timeOf("to", values.to);
  const devices = values.device?.split(",").map((name) => deviceId(name.trim()));
  const parameters = values.parameter?.split(",").map((name) => name.trim());
  const selection = { devices, parameters, from, to };
  if (values.events === true) return { kind: "events", ...selection };
  if (values.aggregate === undefined) return { kind: "raw", ...selection };
  const aggregate = aggregateNames.find((name) => name.toLowerCase() === values.aggregate?.toLowerCase());
  if (aggregate === undefined) throw new WrongArguments(`${values.aggregate} is no aggregate of OPC 10000-13`);
  if (from === undefined || to === undefined || values.interval === undefined) {
    throw new WrongArguments("an aggregate needs --from, --to and --interval");
  }
  return {
    kind: "processed",
    ...selection,
    from,
    to,
    aggregate,
    processingIntervalMs: durationOf(values.interval),
    stepped: values.stepped === true,
    configuration: defaultAggregateConfiguration,
  };
}

function timeOf(name: string, text: string | undefined): EpochMs | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new WrongArguments(`--${name} ${text} is no time: expected e.g. 2026-03-09T08:00:00Z`);
  return time;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationOf(text: string): number {
  const [, digits, unit = "ms"] = text.match(/^(\d+)(ms|s|m|h|d)?$/) ?? [];
  if (digits !== undefined) return Number(digits) * (unitsMs[unit] ?? 1);
  throw new WrongArguments(`--interval ${text} is no duration: expected e.g. 60s, 15m, 1h`);
}
