import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Goal, goals } from "./goals.ts";
import type { Figures } from "./run-bench.ts";

/** Puts the figures of the committed results into docs/performance.md: `node bench/suite/write-table.ts`. */

const root = join(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
const { machine, results } = JSON.parse(readFileSync(join(root, "bench/results", `${version}.json`), "utf8")) as {
  readonly machine: Figures;
  readonly results: Readonly<Record<string, Figures>>;
};

function valueOf({ run, figure, per }: Goal): number | undefined {
  const value = results[run]?.[figure];
  const divisor = per === undefined ? 1 : results[run]?.[per];
  return typeof value === "number" && typeof divisor === "number" ? value / divisor : undefined;
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

function row(goal: Goal): string {
  const value = valueOf(goal);
  const bound = goal.max ?? goal.min;
  const limit = bound === undefined ? "" : `${goal.max === undefined ? "at least" : "at most"} ${shown(bound)}`;
  const isMet =
    value !== undefined && value <= (goal.max ?? Number.POSITIVE_INFINITY) && value >= (goal.min ?? -Infinity);
  const verdict = bound === undefined || value === undefined ? "" : isMet ? "met" : "**missed**";
  const figure = value === undefined ? "not measured" : `${shown(value)} ${goal.unit}`.trim();
  return `| ${goal.title} | \`${goal.run}\` | ${figure} | ${limit} | ${verdict} |`;
}

const path = join(root, "docs/performance.md");
const begin = "<!-- figures: written by node bench/suite/write-table.ts -->";
const end = "<!-- end of figures -->";
const text = readFileSync(path, "utf8");
const [head, rest = ""] = text.split(begin);
const [, tail] = rest.split(end);
if (head === undefined || tail === undefined) throw new Error(`${path} has no place for the figures`);
const where = `Version ${version}, ${String(machine["cores"])} cores (${String(machine["cpu"])}), ${String(machine["memoryGiB"])} GiB, Node ${String(machine["node"])}.`;
const table = ["| what | run | figure | limit | |", "|---|---|---|---|---|", ...goals.map(row)].join("\n");
writeFileSync(path, `${head}${begin}\n\n${where}\n\n${table}\n\n${end}${tail}`);
process.stdout.write(`${path} written\n`);
