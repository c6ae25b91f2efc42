import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { monitor, subscribe, valuesOf } from "./subscribe.ts";

const node = "ns=1;s=CB-0006/CurrentPhaseA";

conformanceUnit("Subscription Basic", (context) => {
  it("delivers the value at once and every change afterwards", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0006", { CurrentPhaseA: 1 });
    const subscription = await subscribe(client);
    const seen = await monitor(subscription, node);
    await until("the first value", 5_000, () => valuesOf(seen).includes(1) || undefined);

    fixture.feed("CB-0006", { CurrentPhaseA: 2 });

    await until("the change", 5_000, () => valuesOf(seen).includes(2) || undefined);
    await subscription.terminate();
  });

  it("revises what it cannot do", async () => {
    const subscription = await subscribe(context().client, {
      requestedPublishingInterval: 0,
      requestedLifetimeCount: 1,
      requestedMaxKeepAliveCount: 10,
    });

    expect(subscription.publishingInterval).toBeGreaterThan(0);
    expect(subscription.lifetimeCount).toBeGreaterThanOrEqual(3 * subscription.maxKeepAliveCount);
    await subscription.terminate();
  });

  it("stays silent while publishing is off, and tells the newest values when it is on again", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client, { requestedMaxKeepAliveCount: 2 });
    const seen = await monitor(subscription, node);
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    await subscription.setPublishingMode(false);
    const before = seen.length;
    let keepAlives = 0;
    subscription.on("keepalive", () => (keepAlives += 1));
    fixture.feed("CB-0006", { CurrentPhaseA: 31 });
    await until("a keep-alive", 10_000, () => keepAlives > 0 || undefined);
    expect(seen).toHaveLength(before);

    await subscription.setPublishingMode(true);
    await until("the value", 5_000, () => valuesOf(seen).includes(31) || undefined);
    await subscription.terminate();
  });

  it("sends keep-alives when nothing changes", async () => {
    const subscription = await subscribe(context().client, { requestedMaxKeepAliveCount: 2 });
    let count = 0;
    subscription.on("keepalive", () => (count += 1));

    await until("keep-alives", 10_000, () => count >= 2 || undefined);
    await subscription.terminate();
  });
});
