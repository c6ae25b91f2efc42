import { AttributeIds } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { faultOf } from "./raw-request.ts";

conformanceUnit("Base Info Server Capabilities", (context) => {
  async function capability(name: string): Promise<number> {
    const { client } = context();
    const { value } = await client.read(await client.browse(`/0:Server/0:ServerCapabilities/0:${name}`));
    return Number(value.value);
  }

  it.each([
    ["MaxSessions", 200],
    ["MaxSubscriptions", 100],
    ["MaxMonitoredItems", 1_000_000],
    ["MaxMonitoredItemsPerSubscription", 10_000],
    ["MaxBrowseContinuationPoints", 5],
    ["OperationLimits/0:MaxNodesPerRead", 1_000],
    ["OperationLimits/0:MaxNodesPerBrowse", 1_000],
    ["OperationLimits/0:MaxNodesPerMethodCall", 100],
    ["OperationLimits/0:MaxMonitoredItemsPerCall", 1_000],
    ["OperationLimits/0:MaxNodesPerHistoryReadData", 100],
  ])("publishes %s of at least %i", async (name, least) => {
    expect(await capability(name)).toBeGreaterThanOrEqual(least);
  });

  it("refuses a request beyond MaxNodesPerRead with BadTooManyOperations", async () => {
    const { client } = context();
    const limit = await capability("OperationLimits/0:MaxNodesPerRead");
    const nodes = Array.from({ length: limit + 1 }, () => ({ nodeId: "i=2258", attributeId: AttributeIds.Value }));

    expect(await faultOf(client.session.read(nodes))).toBe("BadTooManyOperations");
  });
});
