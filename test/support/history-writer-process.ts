/**
 * Writes 0, 1, 2, ... as values of KI-1/P until it is killed, and prints the last one each time the historian reports that
 * all of them are stored. Arguments: folder, database URL or nothing, first value.
 */
import { openHistorian } from "#historian/historian.ts";
import { systemClock } from "#lib/clock.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { testDevice } from "./history-samples.ts";
import { silentLogger } from "./silent-logger.ts";

const [folder = "", databaseUrl = "", first = "0"] = process.argv.slice(2);
const historian = await openHistorian({
  folder,
  databaseUrl: databaseUrl === "" ? undefined : databaseUrl,
  clock: systemClock,
  logger: silentLogger(),
  random: Math.random,
});
const device = testDevice("KI-1", [{ name: "P" }]);
const start = Date.UTC(2026, 0, 1);
const batch = new SampleBatch();

for (let value = Number(first); ; ) {
  batch.reset(start);
  for (let i = 0; i < 200; i += 1, value += 1) batch.add(0, value, start + value, Quality.good);
  historian.writer.accept(device, batch);
  await historian.writer.flush();
  process.stdout.write(`${value - 1}\n`);
}
