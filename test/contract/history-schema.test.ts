import { afterAll, describe, it } from "vitest";
import { PgDriver } from "#historian/store/pg-store.ts";
import { PgliteDriver } from "#historian/store/pglite-driver.ts";
import type { SqlDriver } from "#historian/store/sql-driver.ts";
import { systemClock } from "#lib/clock.ts";
import { embeddedFolder, removeFolder, removeTemplate } from "../support/embedded-folder.ts";
import { TestDatabase, testServerUrl } from "../support/test-database.ts";
import { historyIngestContract } from "./history-ingest.contract.ts";
import { historySchemaContract } from "./history-schema.contract.ts";

/** The driver with something to remove behind it. */
function owning(driver: SqlDriver, cleanUp: () => Promise<void>): SqlDriver {
  const close = driver[Symbol.asyncDispose].bind(driver);
  driver[Symbol.asyncDispose] = async () => {
    await close();
    await cleanUp();
  };
  return driver;
}

afterAll(removeTemplate);

for (const contract of [historySchemaContract, historyIngestContract]) {
  contract("PGlite", async () => {
    const folder = await embeddedFolder();
    return owning(new PgliteDriver({ folder, clock: systemClock }), () => removeFolder(folder));
  });
}

const serverUrl = testServerUrl;
if (serverUrl === undefined) {
  describe("the tables on PostgreSQL", () => {
    it.skip("are tested where FDI_HOST_TEST_DATABASE_URL names a database", () => undefined);
  });
} else {
  for (const contract of [historySchemaContract, historyIngestContract]) {
    contract("PostgreSQL", async () => {
      const database = await TestDatabase.create(serverUrl);
      return owning(new PgDriver(database.url), () => database[Symbol.asyncDispose]());
    });
  }
}
