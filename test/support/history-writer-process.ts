/**
 * Writes 0, 1, 2, ... as values of KI-1/P until it is killed, and prints the last one each time the historian reports that
 * all of them are durable. Arguments: folder, database URL or nothing, first value, "stored" or "journalled".
 */
import { setTimeout } from "node:timers/promises";
import { openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "./history-samples.ts";
import { silentLogger } from "./silent-logger.ts";

const [folder = "", databaseUrl = "", first = "0", until = "stored"] = process.argv.slice(2);
const historian = await openHistorian({
  folder,
  databaseUrl: databaseUrl === "" ? undefined : databaseUrl,
  clock: systemClock,
  logger: silentLogger(),
  random: Math.random,
});
const device = testDevice("KI-1", [{ name: "P" }]);
// The historian's own timers keep no process alive.
setInterval(() => undefined, 1_000_000);
const start = Date.UTC(2026, 0, 1);
const batch = new SampleBatch();

/** However long the backlog of earlier rounds takes. */
async function stored(): Promise<void> {
  for (;;) {
    try {
      return await historian.writer.flush();
    } catch {
      await setTimeout(100);
    }
  }
}

for (let value = Number(first); ; ) {
  batch.reset(start);
  for (let i = 0; i < 1000; i += 1, value += 1) batch.add(0, value, start + value, Quality.good);
  historian.writer.accept(device, batch);
  await (until === "stored" ? stored() : historian.writer.durable());
  // About what the store takes: the rest of a round is the journal's.
  await setTimeout(10);
  process.stdout.write(`${value - 1}\n`);
}
