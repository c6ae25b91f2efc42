import { AttributeIds, DataChangeFilter, DataChangeTrigger, DeadbandType } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { createItem, monitor, subscribe, valuesOf } from "./subscribe.ts";

const absolute = (deadbandValue: number) =>
  new DataChangeFilter({ trigger: DataChangeTrigger.StatusValue, deadbandType: DeadbandType.Absolute, deadbandValue });

conformanceUnit("Monitor Items Deadband Filter", (context) => {
  it("tells a value only when it moved by more than the absolute deadband since the last one told", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0009", { CurrentPhaseC: 100 });
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, "ns=1;s=CB-0009/CurrentPhaseC", { filter: absolute(5) });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    for (const value of [102, 104, 106, 103, 112]) fixture.feed("CB-0009", { CurrentPhaseC: value });

    await until("the last value", 5_000, () => valuesOf(seen).includes(112) || undefined);
    expect(valuesOf(seen)).toEqual([100, 106, 112]);
    await subscription.terminate();
  });

  it("refuses a deadband on a value that is no number", async () => {
    const { client } = context();
    const subscription = await subscribe(client);

    const item = { nodeId: "ns=1;s=CB-0009/SerialNumber", attributeId: AttributeIds.Value };
    const { statusCode } = await createItem(client, subscription, item, { filter: absolute(5) });

    expect(statusCode.name).toBe("BadFilterNotAllowed");
    await subscription.terminate();
  });
});
