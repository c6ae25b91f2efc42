import { randomUUID } from "node:crypto";
import { HistoryEdits } from "#fleet/history/history-edits.ts";
import { ColumnCollector } from "#historian/columns.ts";
import { openHistorian } from "#historian/historian.ts";
import type { HistoryStore } from "#historian/store/history-store.ts";
import { openPgStore } from "#historian/store/pg-store.ts";
import { openPgliteStore } from "#historian/store/pglite-store.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import { OpcUaBenchServer } from "./opcua-bench-server.ts";
import { syntheticPackage } from "./synthetic-package.ts";

/** The measured process of the history reads: an OPC UA server over a store with one long series. */

export interface ReadCost {
  /** CPU of the server's main thread per point since the last question, in us. */
  readonly cpuUs: number;
}

const device = "CB-00001";
const parameter = "Parameter00";
const key = `${device}/${parameter}`;
const start = Date.UTC(2026, 4, 1);

const [port = "0", folder = "", url = "", count = "0"] = process.argv.slice(2);
const values = Number(count);

async function fill(store: HistoryStore): Promise<void> {
  await store.maintain(start, {});
  const [id = 0] = await store.ensureSeries([{ key, device, parameter, dataType: "double", unit: "" }]);
  for (let from = 0; from < values; from += 10_000) {
    const collector = new ColumnCollector(10_000);
    for (let i = from; i < from + 10_000; i += 1) collector.add(id, start + i * 100, Math.sin(i / 700), 0);
    await store.append(collector.take(), store.generation);
  }
}

/** The fastest of some reads of the whole series as columns, in ms: at once, and in pages of 50,000. */
async function bareRead(store: HistoryStore): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (const limit of [values, 50_000, values, 50_000, values, 50_000]) {
    const begin = performance.now();
    let from = start;
    let found = 0;
    for (let more = true; more; ) {
      const [page] = await store.readRaw([{ key, from, to: start + values * 100, reverse: false, limit }]);
      found += page?.times.length ?? 0;
      from = (page?.times.at(-1) ?? 0) + 0.001;
      more = page?.more === true;
    }
    if (found !== values) throw new Error(`${found} of ${values} values`);
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

async function prepare(): Promise<number> {
  await using store = url === "" ? await openPgliteStore({ folder, clock: systemClock }) : await openPgStore({ url });
  await fill(store);
  return await bareRead(store);
}

const bareMs = await prepare();
const logger = createJsonLogger("error", process.stderr);
const databaseUrl = url === "" ? undefined : url;
const historian = await openHistorian({ folder, databaseUrl, clock: systemClock, logger, random: Math.random });
const pkg = syntheticPackage({ variables: 1, methods: 0, groups: 1 });
const bench = new OpcUaBenchServer(Number(port), pkg, 1, ({ audit }) => ({
  access: historian,
  edits: new HistoryEdits({ editor: historian.editor, audit, clock: systemClock, newId: randomUUID }),
  events: historian.events,
}));
await bench.server.start();

let cpu = process.threadCpuUsage();
process.on("message", (message: { readonly points: number } | "stop") => {
  if (message === "stop") {
    void bench.server[Symbol.asyncDispose]()
      .then(() => historian[Symbol.asyncDispose]())
      .finally(() => process.exit(0));
    return;
  }
  const used = process.threadCpuUsage(cpu);
  cpu = process.threadCpuUsage();
  process.send?.({ cpuUs: (used.user + used.system) / Math.max(1, message.points) } satisfies ReadCost);
});
process.send?.({ bareMs });
