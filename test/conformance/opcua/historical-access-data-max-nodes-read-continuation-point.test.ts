import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { numbersOf, readRaw, record } from "./history.ts";

const node = "ns=1;s=CB-0010/CurrentPhaseC";
const all = Array.from({ length: 25 }, (_, i) => i);

conformanceUnit("Historical Access Data Max Nodes Read Continuation Point", (context) => {
  async function pages(from: number, to: number): Promise<unknown[][]> {
    const found: unknown[][] = [];
    let continuationPoint: Buffer | undefined;
    do {
      const page: { continuationPoint?: Buffer } = continuationPoint === undefined ? {} : { continuationPoint };
      const [result] = await readRaw(context().client, [node], { from, to, count: 10, ...page });
      found.push(numbersOf(result));
      continuationPoint = result?.continuationPoint?.length ? result.continuationPoint : undefined;
    } while (continuationPoint !== undefined);
    return found;
  }

  it("gives a long answer in pages that together are the whole, forwards and backwards", async () => {
    const start = await record(context().fixture, "CB-0010", "CurrentPhaseC", 25);

    const forwards = await pages(start, start + 25_000);
    const backwards = await pages(start + 24_000, start - 1);

    expect(forwards.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(forwards.flat()).toEqual(all);
    expect(backwards.flat()).toEqual(all.toReversed());
  });

  it("refuses a continuation point that it never gave", async () => {
    const continuationPoint = Buffer.from("nonsense");

    const [result] = await readRaw(context().client, [node], { from: 0, to: 1_000, count: 10, continuationPoint });

    expect(result?.statusCode.name).toBe("BadContinuationPointInvalid");
  });

  it("refuses one that was changed, or that another session, another node or another question got", async () => {
    const { client, fixture } = context();
    const start = await record(fixture, "CB-0010", "CurrentPhaseC", 25);
    const ask = { from: start, to: start + 25_000, count: 10 };
    const [first] = await readRaw(client, [node], ask);
    const continuationPoint = first?.continuationPoint ?? Buffer.alloc(0);
    const changed = Buffer.from(continuationPoint);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await using other = await fixture.admin();

    const answers = [
      await readRaw(client, [node], { ...ask, continuationPoint: changed }),
      await readRaw(other, [node], { ...ask, continuationPoint }),
      await readRaw(client, ["ns=1;s=CB-0010/CurrentPhaseB"], { ...ask, continuationPoint }),
      await readRaw(client, [node], { ...ask, to: start + 26_000, continuationPoint }),
      await readRaw(client, [node], { ...ask, continuationPoint }),
    ];

    const invalid = "BadContinuationPointInvalid";
    expect(answers.map(([result]) => result?.statusCode.name)).toEqual([invalid, invalid, invalid, invalid, "Good"]);
  });

  it("gives nothing but takes it back when it is released", async () => {
    const { client, fixture } = context();
    const start = await record(fixture, "CB-0010", "CurrentPhaseC", 25);
    const ask = { from: start, to: start + 25_000, count: 10 };
    const [first] = await readRaw(client, [node], ask);

    const continuationPoint = first?.continuationPoint ?? Buffer.alloc(0);
    const [released] = await readRaw(client, [node], { ...ask, continuationPoint, release: true });

    expect(released?.statusCode.name).toBe("Good");
    expect(released?.historyData).toBeNull();
  });

  it("reads as many nodes in one request as it says it can", async () => {
    const { client } = context();
    const limit = Number(
      (
        await client.read(
          await client.browse("/0:Server/0:ServerCapabilities/0:OperationLimits/0:MaxNodesPerHistoryReadData"),
        )
      ).value.value,
    );
    const nodes = Array.from({ length: Math.min(limit, 200) }, () => node);

    const results = await readRaw(client, nodes, { from: 0, to: Date.UTC(2100, 0, 1), count: 1 });

    expect(results).toHaveLength(nodes.length);
    expect(results.every(({ statusCode }) => statusCode.isGood())).toBe(true);
  });
});
