import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { codesOf, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0012/CurrentPhaseB";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Insert Value", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
  });

  it("adds where nothing is, and leaves what is there alone", async () => {
    const { client } = context();
    await writeValues(client, node, "insert", [[noon, 1]]);

    const result = await writeValues(client, node, "insert", [
      [noon + 1000, 2],
      [noon, 9],
      [noon + 1000, 3],
    ]);

    expect(codesOf(result)).toEqual(["GoodEntryInserted", "BadEntryExists", "BadEntryExists"]);
  });
});
