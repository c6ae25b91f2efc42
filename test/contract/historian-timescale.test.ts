import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { TestDatabase } from "../support/test-database.ts";
import { historianContract } from "./historian.contract.ts";

const serverUrl = process.env["FDI_HOST_TEST_TIMESCALE_URL"];

if (serverUrl === undefined) {
  describe("the historian over TimescaleDB", () => {
    it.skip("runs where FDI_HOST_TEST_TIMESCALE_URL names a database", () => undefined);
  });
} else {
  let database: TestDatabase;
  historianContract(
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
