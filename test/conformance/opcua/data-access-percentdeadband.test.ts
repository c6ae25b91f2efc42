import { AttributeIds, DataChangeFilter, DataChangeTrigger, DeadbandType } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { createItem, monitor, subscribe, valuesOf } from "./subscribe.ts";

const percent = (deadbandValue: number) =>
  new DataChangeFilter({ trigger: DataChangeTrigger.StatusValue, deadbandType: DeadbandType.Percent, deadbandValue });

conformanceUnit("Data Access PercentDeadBand", (context) => {
  it("tells a value when it moved by more than that part of its EURange (0 to 500 A)", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0012", { CurrentPhaseA: 100 });
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, "ns=1;s=CB-0012/CurrentPhaseA", { filter: percent(10) });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    for (const value of [140, 149, 151, 190, 202]) fixture.feed("CB-0012", { CurrentPhaseA: value });

    await until("the last value", 5_000, () => valuesOf(seen).includes(202) || undefined);
    expect(valuesOf(seen)).toEqual([100, 151, 202]);
    await subscription.terminate();
  });

  it("refuses a percentage of nothing: a value without EURange, or more than 100 %", async () => {
    const { client } = context();
    const subscription = await subscribe(client);
    const statusOf = async (name: string, value: number) => {
      const item = { nodeId: `ns=1;s=CB-0012/${name}`, attributeId: AttributeIds.Value };
      return (await createItem(client, subscription, item, { filter: percent(value) })).statusCode.name;
    };

    expect(await statusOf("AlarmStatus", 10)).toMatch(/BadFilterNotAllowed|BadMonitoredItemFilterUnsupported/);
    expect(await statusOf("CurrentPhaseA", 101)).toBe("BadDeadbandFilterInvalid");
    await subscription.terminate();
  });
});
