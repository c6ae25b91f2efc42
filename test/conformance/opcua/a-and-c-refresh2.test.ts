import { DataType } from "node-opcua-client";
import { expect, it } from "vitest";
import { AlarmDesk, conditionMethodIds } from "../../support/alarm-desk.ts";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Refresh2", (context) => {
  it("refreshes one item, and knows when there is none", async () => {
    const { client } = context();
    const first = await openDesk(context());
    const second = await AlarmDesk.open(client, first.subscription);
    const { subscriptionId } = first.subscription;
    const refresh = (subscription: number, item: number) =>
      client.session.call({
        objectId: "i=2782",
        methodId: conditionMethodIds.ConditionRefresh2,
        inputArguments: [subscription, item].map((value) => ({ dataType: DataType.UInt32, value })),
      });

    const good = await refresh(subscriptionId, second.itemId);
    await second.bracket();
    const noItem = await refresh(subscriptionId, 999_999);
    const noSubscription = await refresh(999_999, second.itemId);

    expect([good, noItem, noSubscription].map(({ statusCode }) => statusCode.name)).toEqual([
      "Good",
      "BadMonitoredItemIdInvalid",
      "BadSubscriptionIdInvalid",
    ]);
    expect(first.events.filter(({ EventType }) => EventType === "ns=0;i=2787")).toEqual([]);
  });
});
