import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { dataOf, numbersOf, readRaw, record } from "./history.ts";

const node = "ns=1;s=CB-0010/CurrentPhaseB";

conformanceUnit("Historical Access Read Raw", (context) => {
  it("reads a period: the start belongs to it, the end does not", async () => {
    const { client, fixture } = context();
    const start = await record(fixture, "CB-0010", "CurrentPhaseB", 10);

    const [result] = await readRaw(client, [node], { from: start, to: start + 5_000 });

    expect(numbersOf(result)).toEqual([0, 1, 2, 3, 4]);
    expect(dataOf(result).map(({ sourceTimestamp }) => sourceTimestamp?.getTime())).toEqual(
      [0, 1, 2, 3, 4].map((i) => start + i * 1_000),
    );
    expect(result?.continuationPoint?.length ?? 0).toBe(0);
  });

  it("reads backwards when the end is before the start, and without one of the times by count", async () => {
    const { client, fixture } = context();
    const start = await record(fixture, "CB-0010", "CurrentPhaseB", 10);

    const [backwards] = await readRaw(client, [node], { from: start + 5_000, to: start + 2_000 });
    const [onwards] = await readRaw(client, [node], { from: start + 7_000, count: 2 });
    const [before] = await readRaw(client, [node], { to: start + 2_000, count: 3 });

    expect(numbersOf(backwards)).toEqual([5, 4, 3]);
    expect(numbersOf(onwards)).toEqual([7, 8]);
    expect(numbersOf(before)).toEqual([2, 1, 0]);
  });

  it("answers a period without values with GoodNoData", async () => {
    const { client } = context();

    const [result] = await readRaw(client, [node], { from: 1_000_000, to: 2_000_000 });

    expect(result?.statusCode.name).toBe("GoodNoData");
    expect(dataOf(result)).toEqual([]);
  });

  it("answers each node of a request for itself", async () => {
    const { client } = context();
    const nodes = [node, "ns=1;s=nobody", "ns=1;s=CB-0010/RatedCurrent", "ns=1;s=CB-0010"];

    const results = await readRaw(client, nodes, { from: 0, to: Date.UTC(2100, 0, 1) });

    expect(results.map(({ statusCode }) => statusCode.name)).toEqual([
      "Good",
      "BadNodeIdUnknown",
      "BadHistoryOperationUnsupported",
      "BadHistoryOperationUnsupported",
    ]);
  });

  it("refuses a question that is no period", async () => {
    const [result] = await readRaw(context().client, [node], { from: 1_000_000 });

    expect(result?.statusCode.name).toBe("BadInvalidArgument");
  });
});
