import { readFileSync } from "node:fs";
import { AggregateFunction, ReadProcessedDetails, resolveNodeId, TimestampsToReturn } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { aggregate, countAnnotations } from "#historian/aggregates/aggregate.ts";
import { type AggregateName, aggregateNames, defaultAggregateConfiguration } from "#model/aggregate.ts";
import { conformanceUnit } from "./conformance.ts";
import { dataOf, type Row, readHistory, writeValues } from "./history.ts";
import { faultOf } from "./raw-request.ts";

const node = "ns=1;s=CB-0011/CurrentPhaseB";
const noon = Date.UTC(2026, 2, 1, 12);
const end = noon + 100_000;

/** The published data set Historian1, of which test/unit/historian/aggregates/part13.test.ts shows every published result. */
const file = new URL("../../fixtures/historian/part13-cases.json", import.meta.url);
const { raw } = JSON.parse(readFileSync(file, "utf8")) as {
  raw: { Historian1: [offset: string, value: string, status: string | null][] };
};
const codes = new Map([
  ["Bad", 0x80000000],
  ["Uncertain", 0x40000000],
]);
const rows = raw.Historian1.map(([offset, value, status]): Row => {
  const [, minutes = 0, seconds = 0] = offset.split(":").map(Number);
  return [noon + (minutes * 60 + seconds) * 1000, Number(value), codes.get(status ?? "") ?? 0];
});
const columns = {
  times: Float64Array.from(rows, ([time]) => time),
  values: Float64Array.from(rows, ([, value]) => value ?? Number.NaN),
  qualities: Uint32Array.from(rows, ([, , status]) => status ?? 0),
};

const functionOf = (name: AggregateName) => resolveNodeId(`i=${AggregateFunction[name]}`);

interface Processed {
  readonly from?: number;
  readonly to?: number;
  readonly interval?: number;
  readonly configuration?: object;
}

const detailsOf = (names: readonly AggregateName[], { from, to, interval, configuration }: Processed = {}) =>
  new ReadProcessedDetails({
    startTime: new Date(from ?? noon),
    endTime: new Date(to ?? end),
    processingInterval: interval ?? 16_000,
    aggregateType: names.map(functionOf),
    aggregateConfiguration: { useServerCapabilitiesDefaults: configuration === undefined, ...configuration },
  });

conformanceUnit("Historical Access Aggregates", (context) => {
  beforeAll(async () => {
    await context().fixture.historian();
    await writeValues(context().client, node, "insert", rows);
  });

  it.each([
    ["forwards", noon, end],
    ["backwards", end, noon],
  ])("gives all 37 standard aggregates %s as they are computed from the raw values", async (_name, from, to) => {
    const nodes = aggregateNames.map(() => node);

    const results = await readHistory(context().client, detailsOf(aggregateNames, { from, to }), nodes);

    for (const [i, name] of aggregateNames.entries()) {
      const about = { startTime: from, endTime: to, processingIntervalMs: 16_000, stepped: false };
      const request = { ...about, configuration: defaultAggregateConfiguration };
      const expected =
        name === "AnnotationCount"
          ? countAnnotations({ ...request, aggregate: name }, new Float64Array(0))
          : aggregate({ ...request, aggregate: name }, columns);
      const found = dataOf(results[i]);
      const numbers = found.map(({ value }) => {
        const content: unknown = value.value;
        if (content === null) return Number.NaN;
        return typeof content === "object" && "value" in content ? Number(content.value) : Number(content);
      });
      expect(numbers.map(Math.fround), name).toEqual(Array.from(expected.values, Math.fround));
      expect(
        found.map(({ statusCode }) => statusCode.value),
        name,
      ).toEqual([...expected.statuses]);
      expect(
        found.map(({ sourceTimestamp }) => sourceTimestamp?.getTime()),
        name,
      ).toEqual([...expected.times]);
    }
  });

  it("takes the configuration of the request, and refuses one that contradicts itself", async () => {
    const { client } = context();
    const configuration = { treatUncertainAsBad: false, percentDataBad: 100, percentDataGood: 100 };

    const [lenient] = await readHistory(client, detailsOf(["PercentBad"], { configuration, interval: 0 }), [node]);
    const [strict] = await readHistory(client, detailsOf(["PercentBad"], { interval: 0 }), [node]);
    const wrong = detailsOf(["Average"], { configuration: { percentDataBad: 10, percentDataGood: 10 } });
    const [refused] = await readHistory(client, wrong, [node]);

    expect(dataOf(lenient)[0]?.value.value).toBeLessThan(dataOf(strict)[0]?.value.value as number);
    expect(refused?.statusCode.name).toBe("BadAggregateConfigurationRejected");
  });

  it("refuses what is no aggregate, a list of another length, and a time that is none", async () => {
    const { client } = context();
    const noFunction = detailsOf(["Average"]);
    noFunction.aggregateType = [resolveNodeId("i=2253")];

    const [unknown] = await readHistory(client, noFunction, [node]);
    const mismatch = await faultOf(readHistory(client, detailsOf(["Average"]), [node, node]));
    const [nowhen] = await readHistory(client, detailsOf(["Average"], { to: noon }), [node]);
    const stamps = { stamps: TimestampsToReturn.Server };
    const server = await faultOf(readHistory(client, detailsOf(["Average"]), [node], stamps));

    expect(unknown?.statusCode.name).toBe("BadAggregateNotSupported");
    expect(mismatch).toBe("BadAggregateListMismatch");
    expect(nowhen?.statusCode.name).toBe("BadInvalidArgument");
    expect(server).toBe("BadTimestampsToReturnInvalid");
  });

  it("gives more intervals than fit into an answer in pages that together are the whole", async () => {
    const { client } = context();
    const details = detailsOf(["Interpolative"], { interval: 8 });

    const [first] = await readHistory(client, details, [node]);
    const continuationPoint = first?.continuationPoint ?? Buffer.alloc(0);
    const [second] = await readHistory(client, details, [{ nodeId: node, continuationPoint }]);

    const times = [...dataOf(first), ...dataOf(second)].map(({ sourceTimestamp }) => sourceTimestamp?.getTime());
    expect(dataOf(first)).toHaveLength(10_000);
    expect(times).toEqual(Array.from({ length: 12_500 }, (_, i) => noon + i * 8));
  });

  it("lists the aggregates that it computes", async () => {
    const { client } = context();
    for (const folder of ["i=2997", "i=11201"]) {
      const { references } = await client.session.browse(folder);
      const names = (references ?? []).map(({ browseName }) => browseName.name);
      expect(new Set(names)).toEqual(new Set(aggregateNames));
    }
  });
});
