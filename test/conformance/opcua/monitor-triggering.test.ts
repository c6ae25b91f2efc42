import { AttributeIds, MonitoringMode, SetTriggeringRequest, TimestampsToReturn } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { rawRequest } from "./raw-request.ts";
import { subscribe } from "./subscribe.ts";

conformanceUnit("Monitor Triggering", (context) => {
  it("reports a sampled item when the item that triggers it reports", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client);
    const item = async (name: string) =>
      subscription.monitor(
        { nodeId: `ns=1;s=CB-0010/${name}`, attributeId: AttributeIds.Value },
        { samplingInterval: 0, queueSize: 1 },
        TimestampsToReturn.Both,
      );
    const cause = await item("Position");
    const linked = await item("CurrentPhaseA");
    const seen: unknown[] = [];
    linked.on("changed", ({ value }) => seen.push(value.value as unknown));
    await until("the first value", 5_000, () => seen.length > 0 || undefined);
    await linked.setMonitoringMode(MonitoringMode.Sampling);
    const request = new SetTriggeringRequest({
      subscriptionId: subscription.subscriptionId,
      triggeringItemId: cause.monitoredItemId ?? 0,
      linksToAdd: [linked.monitoredItemId ?? 0],
    });
    await rawRequest(client, request);

    fixture.feed("CB-0010", { CurrentPhaseA: 44 });
    await client.read("i=2258");
    expect(seen).not.toContain(44);
    fixture.feed("CB-0010", { Position: 2 });

    await until("the triggered value", 5_000, () => seen.includes(44) || undefined);
    await subscription.terminate();
  });
});
