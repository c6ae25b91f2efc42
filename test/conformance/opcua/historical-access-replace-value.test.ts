import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { codesOf, dataOf, readRaw, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0012/CurrentPhaseC";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Replace Value", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
  });

  it("changes what is there with value and status, and adds nothing", async () => {
    const { client } = context();
    await writeValues(client, node, "insert", [[noon, 1]]);

    const result = await writeValues(client, node, "replace", [
      [noon, 2, 0x40900000],
      [noon + 1000, 3],
    ]);

    expect(codesOf(result)).toEqual(["GoodEntryReplaced", "BadNoEntryExists"]);
    const [read] = await readRaw(client, [node], { from: noon, to: noon + 10_000 });
    expect(dataOf(read).map(({ value, statusCode }) => [value.value as unknown, statusCode.name])).toEqual([
      [2, "UncertainLastUsableValue"],
    ]);
  });
});
