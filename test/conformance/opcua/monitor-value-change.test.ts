import { DataChangeFilter, DataChangeTrigger, DeadbandType } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

const node = "ns=1;s=CB-0008/CurrentPhaseA";
const trigger = (kind: DataChangeTrigger) =>
  new DataChangeFilter({ trigger: kind, deadbandType: DeadbandType.None, deadbandValue: 0 });

conformanceUnit("Monitor Value Change", (context) => {
  it("tells a change of the value once, and the same value again not at all", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0008", { CurrentPhaseA: 10 });
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, node, { filter: trigger(DataChangeTrigger.StatusValue) });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    for (const value of [11, 11, 11, 12]) {
      fixture.fleet.clock.advance(10);
      fixture.feed("CB-0008", { CurrentPhaseA: value });
    }

    await until("the last value", 5_000, () => valuesOf(seen).includes(12) || undefined);
    expect(valuesOf(seen)).toEqual([10, 11, 12]);
    await subscription.terminate();
  });

  it("tells the same value with a new timestamp when the item asked for it", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, node, { filter: trigger(DataChangeTrigger.StatusValueTimestamp) });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);
    const before = seen.length;

    fixture.fleet.clock.advance(1_000);
    fixture.feed("CB-0008", { CurrentPhaseA: 12 });

    await until("the repeated value", 5_000, () => seen.length > before || undefined);
    await subscription.terminate();
  });

  it("tells a change of the status: a device that is lost makes its values Uncertain", async () => {
    const { client, fixture } = context();
    const { ingest, clock } = fixture.fleet;
    const device = fixture.device("CB-0008");
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, node, { filter: trigger(DataChangeTrigger.Status) });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    ingest.presence(device, "offline", clock.now(), "death");

    await until("the stale value", 5_000, () =>
      seen.at(-1)?.statusCode.name === "UncertainLastUsableValue" ? true : undefined,
    );
    ingest.presence(device, "online", clock.now(), "birth");
    await subscription.terminate();
  });
});
