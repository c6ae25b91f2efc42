import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ratioFigures } from "./benchmarks.ts";
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

/** What grows, from figures that are named like `prefix100suffix`. */
interface Growth {
  readonly title: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly cost: string;
}

const growths: readonly Growth[] = [
  { title: "devices", prefix: "cpuUsPerMessageAt", suffix: "Devices", cost: "us CPU per Sparkplug message" },
  {
    title: "subscribers",
    prefix: "cpuUsPerNotificationAt",
    suffix: "Subscribers",
    cost: "us CPU per notification, each watching the same 400 values",
  },
  {
    title: "values in the series",
    prefix: "readMsAt",
    suffix: "Values",
    cost: "ms for 1,000 values from its middle, embedded store",
  },
];

/** A table of what something costs, by how much there is of what it may grow with, and against the least of it. */
function growthTable({ title, prefix, suffix, cost }: Growth): string {
  const points = Object.entries(results["growth"] ?? {})
    .filter(([name]) => name.startsWith(prefix) && name.endsWith(suffix))
    .map(([name, value]) => ({ size: Number(name.slice(prefix.length, -suffix.length)), value: Number(value) }))
    .sort((one, other) => one.size - other.size);
  const [least] = points;
  if (least === undefined) return `How cost grows with ${title}: not measured.`;
  const rows = points.map(
    ({ size, value }) => `| ${size.toLocaleString("en")} | ${shown(value)} | ${shown(value / least.value)} x |`,
  );
  return [`| ${title} | ${cost} | against the first |`, "|---|---|---|", ...rows].join("\n");
}

function ratioTable(): string {
  const rows = ratioFigures.map(({ part, figure, better }) => {
    const value = results["ratios"]?.[figure];
    return `| \`${figure}\` | \`${part}\` | ${typeof value === "number" ? `${shown(value)} x` : "not measured"} | ${better} |`;
  });
  return ["| ratio | part | committed | better is |", "|---|---|---|---|", ...rows].join("\n");
}

/** Replaces what stands between two comments. Throws when they are not there. */
function replaced(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}: written by node bench/suite/write-table.ts -->`;
  const end = `<!-- end of ${name} -->`;
  const [head, rest = ""] = text.split(begin);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined) throw new Error(`${path} has no place for the ${name}`);
  return `${head}${begin}\n\n${content}\n\n${end}${tail}`;
}

const path = join(root, "docs/performance.md");
const where = `Version ${version}, ${String(machine["cores"])} cores (${String(machine["cpu"])}), ${String(machine["memoryGiB"])} GiB, Node ${String(machine["node"])}.`;
const figures = ["| what | run | figure | limit | |", "|---|---|---|---|---|", ...goals.map(row)].join("\n");
const text = [
  ["figures", `${where}\n\n${figures}`],
  ["growth", growths.map(growthTable).join("\n\n")],
  ["ratios", ratioTable()],
].reduce((before, [name = "", content = ""]) => replaced(before, name, content), readFileSync(path, "utf8"));
writeFileSync(path, text);
process.stdout.write(`${path} written\n`);
