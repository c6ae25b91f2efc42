import { AttributeIds, ClientMonitoredItemGroup, TimestampsToReturn } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { subscribe } from "./subscribe.ts";

conformanceUnit("Monitor Items 500", (context) => {
  it("monitors 500 items in one subscription and delivers a value of each", async () => {
    const { client, fixture } = context();
    const nodes = [...fixture.fleet.registry.all()]
      .flatMap(({ id, package: pkg }) => pkg.parameters.map(({ name }) => `ns=1;s=${id}/${name}`))
      .slice(0, 500);
    const subscription = await subscribe(client);
    const seen = new Set<number>();

    const group = ClientMonitoredItemGroup.create(
      subscription,
      nodes.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })),
      { samplingInterval: 0, queueSize: 1 },
      TimestampsToReturn.Both,
    );
    group.on("changed", (_item, _value, index) => seen.add(index));

    expect(nodes).toHaveLength(500);
    await until("500 values", 10_000, () => seen.size === 500 || undefined);
    await subscription.terminate();
  });
});
