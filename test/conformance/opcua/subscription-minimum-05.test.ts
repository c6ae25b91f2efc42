import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

conformanceUnit("Subscription Minimum 05", (context) => {
  it("serves five subscriptions of a session at a time", async () => {
    const { client, fixture } = context();
    const subscriptions = await Promise.all(Array.from({ length: 5 }, () => subscribe(client)));
    const all = await Promise.all(
      subscriptions.map((subscription) => monitor(subscription, "ns=1;s=CB-0006/Frequency")),
    );

    fixture.feed("CB-0006", { Frequency: 50.5 });

    await until("the change in each", 5_000, () => all.every((seen) => valuesOf(seen).includes(50.5)) || undefined);
    expect(new Set(subscriptions.map(({ subscriptionId }) => subscriptionId)).size).toBe(5);
    await Promise.all(subscriptions.map((subscription) => subscription.terminate()));
  });
});
