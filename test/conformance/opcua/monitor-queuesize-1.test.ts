import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

conformanceUnit("Monitor QueueSize_1", (context) => {
  it("keeps only the newest value between two publishing cycles, without an overflow bit", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client, { requestedPublishingInterval: 200 });
    const seen = await monitor(subscription, "ns=1;s=CB-0009/CurrentPhaseA", { queueSize: 1 });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);
    const first = seen.length;

    await subscription.setPublishingMode(false);
    for (const value of [61, 62, 63]) fixture.feed("CB-0009", { CurrentPhaseA: value });
    await subscription.setPublishingMode(true);

    await until("the newest value", 5_000, () => valuesOf(seen).includes(63) || undefined);
    expect(valuesOf(seen.slice(first))).toEqual([63]);
    expect(seen.at(-1)?.statusCode.value).toBe(0);
    await subscription.terminate();
  });
});
