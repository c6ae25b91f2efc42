import { ReadAtTimeDetails } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { dataOf, readHistory, writeValues } from "./history.ts";

const node = "ns=1;s=CB-0011/CurrentPhaseA";
const noon = Date.UTC(2026, 2, 1, 12);

conformanceUnit("Historical Access Time Instance", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
    await writeValues(context().client, node, "insert", [
      [noon, 0],
      [noon + 10_000, 10],
      [noon + 20_000, 20, 0x80000000],
      [noon + 30_000, 30],
    ]);
  });

  const read = (seconds: readonly number[], useSimpleBounds = false) => {
    const reqTimes = seconds.map((second) => new Date(noon + second * 1000));
    return readHistory(context().client, new ReadAtTimeDetails({ reqTimes, useSimpleBounds }), [node]);
  };

  it("answers in the order of the request: stored values as raw, estimated ones as interpolated", async () => {
    const [result] = await read([5, 10, 25, 0]);

    expect(dataOf(result).map(({ value }) => value.value as unknown)).toEqual([5, 10, 25, 0]);
    expect(dataOf(result).map(({ statusCode }) => statusCode.value.toString(16))).toEqual([
      "402",
      "0",
      "40a40402",
      "0",
    ]);
    expect(dataOf(result).map(({ sourceTimestamp }) => sourceTimestamp?.getTime())).toEqual(
      [5, 10, 25, 0].map((second) => noon + second * 1000),
    );
  });

  it("estimates from the two next values only with simple bounds, and has nothing before the first value", async () => {
    const [simple] = await read([5, 25], true);
    const [before] = await read([-5]);

    expect(dataOf(simple).map(({ statusCode }) => statusCode.value.toString(16))).toEqual(["402", "809b0000"]);
    expect(dataOf(before).map(({ statusCode }) => statusCode.name)).toEqual(["BadNoData"]);
  });

  it("refuses a request without times", async () => {
    const [result] = await read([]);

    expect(result?.statusCode.name).toBe("BadInvalidTimestampArgument");
  });

  it("gives more instants than fit into an answer in pages", async () => {
    const { client } = context();
    const reqTimes = Array.from({ length: 10_500 }, (_, i) => new Date(noon + i));
    const details = new ReadAtTimeDetails({ reqTimes, useSimpleBounds: false });

    const [first] = await readHistory(client, details, [node]);
    const continuationPoint = first?.continuationPoint ?? Buffer.alloc(0);
    const [second] = await readHistory(client, details, [{ nodeId: node, continuationPoint }]);

    expect([dataOf(first).length, dataOf(second).length]).toEqual([10_000, 500]);
    expect(second?.continuationPoint?.length ?? 0).toBe(0);
  });
});
