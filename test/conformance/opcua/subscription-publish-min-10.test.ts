import {
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DeleteSubscriptionsRequest,
  PublishRequest,
} from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { faultOf, rawRequest } from "./raw-request.ts";

conformanceUnit("Subscription Publish Min 10", (context) => {
  it("refuses a Publish without a subscription with BadNoSubscription", async () => {
    await using client = await context().fixture.visitor();

    expect(await faultOf(rawRequest(client, new PublishRequest({})))).toBe("BadNoSubscription");
  });

  it("holds ten Publish requests of a session at a time", async () => {
    await using client = await context().fixture.visitor();
    const request = new CreateSubscriptionRequest({
      requestedPublishingInterval: 60_000,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    const { subscriptionId } = await rawRequest<CreateSubscriptionResponse>(client, request);
    const answers: string[] = [];
    for (let i = 0; i < 11; i += 1) {
      void faultOf(rawRequest(client, new PublishRequest({}))).then((fault) => answers.push(fault));
    }

    await client.read("i=2258");
    // The first is answered by the first publishing cycle; none of the others was turned away.
    expect(answers.filter((fault) => fault === "BadTooManyPublishRequests")).toEqual([]);
    await rawRequest(client, new DeleteSubscriptionsRequest({ subscriptionIds: [subscriptionId] }));
  });
});
