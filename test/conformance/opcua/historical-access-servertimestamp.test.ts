import { TimestampsToReturn } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { dataOf, readRaw, record } from "./history.ts";

const node = "ns=1;s=CB-0010/Frequency";

conformanceUnit("Historical Access ServerTimestamp", (context) => {
  it.each([
    ["source", TimestampsToReturn.Source, true, false],
    ["server", TimestampsToReturn.Server, false, true],
    ["both", TimestampsToReturn.Both, true, true],
  ])("gives the timestamps that were asked for: %s", async (_name, stamps, hasSource, hasServer) => {
    const start = await record(context().fixture, "CB-0010", "Frequency", 1);

    const [result] = await readRaw(context().client, [node], { from: start, to: start + 1_000, stamps });
    const [value] = dataOf(result);

    expect(value?.sourceTimestamp !== null).toBe(hasSource);
    expect(value?.serverTimestamp !== null).toBe(hasServer);
  });
});
