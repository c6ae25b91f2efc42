import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ColumnCollector } from "#historian/columns.ts";
import { openPgliteStore } from "#historian/store/pglite-store.ts";
import { systemClock } from "#lib/clock.ts";

const info = { key: "CB-1/P", device: "CB-1", parameter: "P", dataType: "double", unit: "" } as const;
const start = Date.UTC(2026, 4, 1);
const page = 1_000;
const reads = 21;

/**
 * Milliseconds (median) to read 1,000 values from the middle of one series with so many values, by the number of values;
 * from the embedded store, while it grows.
 */
export async function historyCosts(sizes: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-growth-"));
  const costs = new Map<number, number>();
  {
    await using store = await openPgliteStore({ folder, clock: systemClock });
    await store.maintain(start, {});
    const [id = 0] = await store.ensureSeries([info]);
    let written = 0;
    for (const size of sizes) {
      for (; written < size; written += 10_000) {
        const collector = new ColumnCollector(10_000);
        for (let i = written; i < written + 10_000; i += 1) collector.add(id, start + i * 1_000, Math.sin(i), 0);
        await store.append(collector.take(), store.generation);
      }
      const from = start + (size / 2) * 1_000;
      const times: number[] = [];
      for (let i = 0; i < reads; i += 1) {
        const begin = performance.now();
        const [found] = await store.readRaw([
          { key: info.key, from, to: start + size * 1_000, reverse: false, limit: page },
        ]);
        if (found?.times.length !== page) throw new Error(`${found?.times.length} of ${page} values`);
        times.push(performance.now() - begin);
      }
      costs.set(size, times.toSorted((a, b) => a - b)[reads >> 1] ?? Number.NaN);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return costs;
}
