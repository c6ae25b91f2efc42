import { resolveNodeId } from "node-opcua-client";
import { beforeEach, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { codesOf, numbersOf, readRaw, updateHistory, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0012/Frequency";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Delete Value", (context) => {
  beforeEach(async () => {
    await context().fixture.historian();
    const rows = [0, 1, 2, 3].map((i) => [noon + i * 1000, i] as const);
    await writeValues(context().client, node, "update", rows);
  });

  const rest = async () => {
    const [result] = await readRaw(context().client, [node], { from: noon, to: noon + 10_000 });
    return numbersOf(result);
  };

  it("deletes a range without its end, once", async () => {
    const fields = {
      nodeId: resolveNodeId(node),
      isDeleteModified: false,
      startTime: new Date(noon + 1000),
      endTime: new Date(noon + 3000),
    };

    const first = await updateHistory(context().client, "DeleteRawModifiedDetails", fields);
    const second = await updateHistory(context().client, "DeleteRawModifiedDetails", fields);

    expect([first.statusCode.name, second.statusCode.name]).toEqual(["Good", "BadNoData"]);
    expect(await rest()).toEqual([0, 3]);
  });

  it("deletes values at times, and says of each whether there was one", async () => {
    const reqTimes = [noon + 3000, noon + 500, noon].map((time) => new Date(time));

    const result = await updateHistory(context().client, "DeleteAtTimeDetails", {
      nodeId: resolveNodeId(node),
      reqTimes,
    });

    expect(codesOf(result)).toEqual(["Good", "BadNoEntryExists", "Good"]);
    expect(await rest()).toEqual([1, 2]);
  });
});
