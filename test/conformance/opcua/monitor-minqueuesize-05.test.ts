import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

/** InfoType DataValue with the overflow bit (OPC 10000-4, 7.39.1). */
const overflow = 0x480;

conformanceUnit("Monitor MinQueueSize_05", (context) => {
  it("keeps five values in order and marks where others were lost", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, "ns=1;s=CB-0009/CurrentPhaseB", { queueSize: 5, discardOldest: true });
    await until("the first value", 5_000, () => seen.length > 0 || undefined);
    const first = seen.length;

    await subscription.setPublishingMode(false);
    for (const value of [1, 2, 3, 4, 5, 6, 7]) fixture.feed("CB-0009", { CurrentPhaseB: value });
    await subscription.setPublishingMode(true);

    await until("the newest value", 5_000, () => valuesOf(seen).includes(7) || undefined);
    const kept = seen.slice(first);
    expect(valuesOf(kept)).toEqual([3, 4, 5, 6, 7]);
    expect((kept[0]?.statusCode.value ?? 0) & overflow).toBe(overflow);
    expect((kept[1]?.statusCode.value ?? 0) & overflow).toBe(0);
    await subscription.terminate();
  });
});
