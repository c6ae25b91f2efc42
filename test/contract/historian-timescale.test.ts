import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { TestDatabase } from "../support/test-database.ts";
import { eventJournalContract } from "./event-journal.contract.ts";
import { historianContract } from "./historian.contract.ts";

const serverUrl = process.env["FDI_HOST_TEST_TIMESCALE_URL"];

if (serverUrl === undefined) {
  describe("the historian over TimescaleDB", () => {
    it.skip("runs where FDI_HOST_TEST_TIMESCALE_URL names a database", () => undefined);
  });
} else {
  for (const contract of [historianContract, eventJournalContract]) {
    let database: TestDatabase;
    contract(
      "TimescaleDB",
      async () => {
        database = await TestDatabase.create(serverUrl);
        return { folder: await mkdtemp(join(tmpdir(), "historian-")), databaseUrl: database.url };
      },
      async (place) => {
        await database[Symbol.asyncDispose]();
        await rm(place.folder, { recursive: true, force: true });
      },
    );
  }
}
