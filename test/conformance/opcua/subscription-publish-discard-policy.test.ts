import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

conformanceUnit("Subscription Publish Discard Policy", (context) => {
  it.each([
    ["the newest", true, [1, 2, 3, 4, 5], [3, 4, 5]],
    ["the oldest and the last", false, [11, 12, 13, 14, 15], [11, 12, 15]],
  ])("keeps %s values when the queue overflows, as the item asked", async (_name, discardOldest, values, kept) => {
    const { client, fixture } = context();
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, "ns=1;s=CB-0006/VoltagePhaseA", { queueSize: 3, discardOldest });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);
    const first = seen.length;

    await subscription.setPublishingMode(false);
    for (const value of values) fixture.feed("CB-0006", { VoltagePhaseA: value });
    await subscription.setPublishingMode(true);

    await until("the queue", 5_000, () => valuesOf(seen).includes(values.at(-1)) || undefined);
    expect(valuesOf(seen.slice(first))).toEqual(kept);
    await subscription.terminate();
  });
});
