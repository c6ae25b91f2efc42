import { HistoryModifiedData, ReadRawModifiedDetails } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { readHistory, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0011/CurrentPhaseC";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Modified Values", (context) => {
  beforeAll(async () => {
    const { client, fixture } = context();
    await fixture.historian();
    await writeValues(client, node, "insert", [
      [noon, 1],
      [noon + 1000, 2],
    ]);
    for (const value of [10, 11]) await writeValues(client, node, "replace", [[noon, value]]);
  });

  const read = async (fields: { numValuesPerNode?: number; returnBounds?: boolean }, continuationPoint?: Buffer) => {
    const details = new ReadRawModifiedDetails({
      isReadModified: true,
      startTime: new Date(noon),
      endTime: new Date(noon + 60_000),
      ...fields,
    });
    const nodes = [continuationPoint === undefined ? node : { nodeId: node, continuationPoint }];
    const [result] = await readHistory(context().client, details, nodes);
    return result;
  };

  it("gives what was there before with who changed it how and when, of one time the newest first", async () => {
    const result = await read({});
    const data = result?.historyData;
    if (!(data instanceof HistoryModifiedData)) throw new Error("no modified data");

    expect(data.dataValues?.map(({ value }) => value.value as unknown)).toEqual([10, 1, 1, 2]);
    expect(data.modificationInfos?.map(({ updateType }) => updateType)).toEqual([2, 2, 1, 1]);
    expect(new Set(data.modificationInfos?.map(({ userName }) => userName))).toEqual(new Set(["admin"]));
    expect(data.modificationInfos?.every(({ modificationTime }) => (modificationTime?.getTime() ?? 0) > 0)).toBe(true);
  });

  it("pages through values of one time as well", async () => {
    const found: unknown[] = [];
    let page = await read({ numValuesPerNode: 1 });
    for (let i = 0; i < 5; i += 1) {
      if (page?.historyData instanceof HistoryModifiedData) {
        found.push(...(page.historyData.dataValues ?? []).map(({ value }) => value.value as unknown));
      }
      if (!page?.continuationPoint?.length) break;
      page = await read({ numValuesPerNode: 1 }, page.continuationPoint);
    }

    expect(found).toEqual([10, 1, 1, 2]);
  });

  it("refuses to give bounds", async () => {
    expect((await read({ returnBounds: true }))?.statusCode.name).toBe("BadInvalidArgument");
  });
});
