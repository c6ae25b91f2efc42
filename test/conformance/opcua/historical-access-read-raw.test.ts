import { NumericRange } from "node-opcua";
import {
  HistoryReadRequest,
  type HistoryReadResponse,
  ReadRawModifiedDetails,
  TimestampsToReturn,
} from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { dataOf, numbersOf, readHistory, readRaw, record } from "./history.ts";
import { faultOf, rawRequest } from "./raw-request.ts";

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

  it("gives the bounds of a period, and says where there is none", async () => {
    const { client, fixture } = context();
    const start = await record(fixture, "CB-0010", "CurrentPhaseB", 10);
    const details = (startTime: number, endTime: number) =>
      new ReadRawModifiedDetails({
        isReadModified: false,
        returnBounds: true,
        startTime: new Date(startTime),
        endTime: new Date(endTime),
      });

    const [inside] = await readHistory(client, details(start + 2500, start + 4500), [node]);
    const [beyond] = await readHistory(client, details(start + 8500, start + 60_000), [node]);

    expect(numbersOf(inside)).toEqual([2, 3, 4, 5]);
    expect(numbersOf(beyond)).toEqual([8, 9, null]);
    expect(dataOf(beyond).at(-1)?.statusCode.name).toBe("BadBoundNotFound");
    expect(dataOf(beyond).at(-1)?.sourceTimestamp?.getTime()).toBe(start + 60_000);
  });

  it("refuses parts of a value, other encodings, and to give no timestamp", async () => {
    const { client } = context();
    const ask = (about: object, timestampsToReturn = TimestampsToReturn.Both) =>
      rawRequest<HistoryReadResponse>(
        client,
        new HistoryReadRequest({
          historyReadDetails: new ReadRawModifiedDetails({ startTime: new Date(1), endTime: new Date(2) }),
          timestampsToReturn,
          nodesToRead: [{ nodeId: node, ...about }],
        }),
      );

    const part = await ask({ indexRange: new NumericRange("0:1") });
    const xml = await ask({ dataEncoding: { namespaceIndex: 0, name: "Default XML" } });
    const strange = await ask({ dataEncoding: { namespaceIndex: 0, name: "Morse" } });

    expect([part, xml, strange].map(({ results }) => results?.[0]?.statusCode.name)).toEqual([
      "BadIndexRangeNoData",
      "BadDataEncodingUnsupported",
      "BadDataEncodingInvalid",
    ]);
    expect(await faultOf(ask({}, TimestampsToReturn.Neither))).toBe("BadTimestampsToReturnInvalid");
  });

  it("refuses a question that is no period", async () => {
    const [result] = await readRaw(context().client, [node], { from: 1_000_000 });

    expect(result?.statusCode.name).toBe("BadInvalidArgument");
  });
});
