import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import what: the architecture. `layers` are folders of src, `npm` are packages (prefix* allowed). */
interface Rule {
  readonly layers: readonly string[];
  readonly npm: readonly string[];
  /** Loads a module late on purpose. */
  readonly mayImportLate?: boolean;
}

const core = ["model", "lib", "fleet"];
const rules: Readonly<Record<string, Rule>> = {
  "src/model": { layers: [], npm: [] },
  "src/lib": { layers: [], npm: ["node:*", "pino"] },
  "src/fleet": { layers: ["model", "lib"], npm: [] },
  "src/config": { layers: ["model", "lib"], npm: ["node:*", "typebox*", "yaml"] },
  "src/fdi": { layers: core, npm: ["node:*", "fast-xml-parser", "xml-crypto", "yauzl"] },
  "src/opcua": { layers: core, npm: ["node:*", "node-opcua*"] },
  "src/transport/shared": { layers: core, npm: ["node:*", "mqtt", "mqtt/lib/connect/ws"] },
  "src/transport/sparkplug": { layers: [...core, "transport/shared"], npm: ["node:*"] },
  "src/transport/mqtt-json": { layers: [...core, "transport/shared"], npm: ["node:*"] },
  // What LwM2M is, whatever carries it.
  "src/transport/lwm2m/core": { layers: ["model", "lib"], npm: ["node:*"] },
  "src/transport/lwm2m": {
    layers: [...core, "transport/shared", "transport/lwm2m/core"],
    npm: ["node:*", "coap-packet"],
  },
  "src/historian": {
    layers: core,
    npm: ["node:*", "pg", "pg-copy-streams", "@electric-sql/pglite*", "hyparquet-writer"],
  },
  "src/rest": { layers: core, npm: ["node:*", "fastify", "@fastify/*", "typebox*", "prom-client"] },
  "src/notify": { layers: [...core, "transport/shared"], npm: ["node:*"] },
  "src/app": {
    layers: [...core, "config", "fdi", "opcua", "transport/*", "historian", "rest", "notify", "app"],
    npm: ["node:*", "aedes"],
    mayImportLate: true,
  },
  // The model's words at most: the fleet it plays must not share a codec with the host.
  simulator: { layers: ["model"], npm: ["node:*", "mqtt", "sparkplug-payload*", "yaml"] },
  bench: { layers: ["*"], npm: ["*"], mayImportLate: true },
};

const maxLines = 400;
const root = resolve(import.meta.dirname, "..");
const importPattern = /^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"/gm;
const latePattern = /(?<![.\w])import\(\s*(?:\/\*.*?\*\/\s*)?["'`]/g;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly rule: string | undefined;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

const ruleNames = Object.keys(rules).sort((a, b) => b.length - a.length);
const sources: Source[] = ["src", "simulator", "bench"].flatMap(filesBelow).map((path) => ({
  path,
  text: readFileSync(join(root, path), "utf8"),
  rule: ruleNames.find((name) => path.startsWith(`${name}/`)),
}));

function importsOf(source: Source): string[] {
  return [...source.text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? "");
}

function allows(list: readonly string[], name: string): boolean {
  return list.some((entry) => (entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : name === entry));
}

/** `#layer/file.ts` lies in src, `#simulator/file.ts` and `#bench/file.ts` beside it (package.json, "imports"). */
function pathOf(target: string): string {
  return /^#(?:simulator|bench)\//.test(target) ? target.slice(1) : `src/${target.slice(1)}`;
}

/** Why an import is not allowed, or undefined. */
function objection(source: Source, target: string): string | undefined {
  const rule = rules[source.rule ?? ""];
  if (rule === undefined) return "folder is not in the table";
  if (target.startsWith("../")) return "leaves its folder with ../: use #layer/...";
  if (target.startsWith("./")) return target.includes("/../") ? "leaves its folder with .." : undefined;
  if (!target.startsWith("#")) return allows(rule.npm, target) ? undefined : "npm package not allowed here";
  const path = pathOf(target);
  const layer = ruleNames.find((name) => path.startsWith(`${name}/`)) ?? path;
  return layer === source.rule || allows(rule.layers, layer.replace(/^src\//, ""))
    ? undefined
    : `layer ${layer} not allowed here`;
}

function localTarget(source: Source, target: string): string | undefined {
  if (target.startsWith("./")) return relative(root, resolve(root, dirname(source.path), target));
  return target.startsWith("#") ? pathOf(target) : undefined;
}

function cycleFrom(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const path: string[] = [];
  const done = new Set<string>();
  const visit = (node: string): string[] | undefined => {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  return visit(start);
}

describe("architecture", () => {
  it("finds the sources it is to judge", () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(sources.length);
  });

  it("lists every folder", () => {
    expect(sources.filter((source) => source.rule === undefined).map((source) => source.path)).toEqual([]);
  });

  it("lets imports go one way only", () => {
    const broken = sources.flatMap((source) =>
      importsOf(source).flatMap((target) => {
        const reason = objection(source, target);
        return reason === undefined ? [] : [`${source.path}: ${target}: ${reason}`];
      }),
    );

    expect(broken).toEqual([]);
  });

  it("loads modules late only where the table says so", () => {
    const late = sources.filter(
      (source) => rules[source.rule ?? ""]?.mayImportLate !== true && latePattern.test(source.text),
    );

    expect(late.map((source) => source.path)).toEqual([]);
  });

  it("has no import cycle", () => {
    const graph = new Map(
      sources.map((source) => [source.path, importsOf(source).flatMap((target) => localTarget(source, target) ?? [])]),
    );

    const cycles = sources.flatMap((source) => {
      const cycle = cycleFrom(source.path, graph);
      return cycle === undefined ? [] : [cycle.slice(1).sort().join(", ")];
    });
    expect([...new Set(cycles)]).toEqual([]);
  });

  it("keeps node-opcua's insides in src/opcua/engine", () => {
    const reaching = sources.filter(
      (source) =>
        !source.path.startsWith("src/opcua/engine/") && /\bas unknown as\b|\$dataValue|\bprototype\b/.test(source.text),
    );

    expect(reaching.filter((source) => source.path.startsWith("src/opcua/")).map((source) => source.path)).toEqual([]);
  });

  it(`keeps every file under ${maxLines} lines`, () => {
    const long = sources.filter((source) => source.text.split("\n").length - 1 > maxLines).map((source) => source.path);

    expect(long).toEqual([]);
  });
});
