import { AttributeIds, constructEventFilter } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { watchEvents } from "./events.ts";
import { createItem, subscribe } from "./subscribe.ts";

conformanceUnit("Monitor Events", (context) => {
  it("delivers the fields that were asked for, of events of the type that was asked for", async () => {
    const { client, fixture } = context();
    const seen = await watchEvents(client, "AuditActivateSessionEventType", [
      "EventType",
      "SourceName",
      "Severity",
      "Time",
    ]);

    await using _visitor = await fixture.visitor();

    const [event] = await until("an event", 5_000, () => (seen.length > 0 ? seen : undefined));
    expect(String(event?.[0])).toContain("i=2075");
    expect(event?.[3]).toBeInstanceOf(Date);
  });

  it("refuses an event filter on a value", async () => {
    const { client } = context();
    const subscription = await subscribe(client);
    const item = { nodeId: "ns=1;s=CB-0001/CurrentPhaseA", attributeId: AttributeIds.Value };

    const { statusCode } = await createItem(client, subscription, item, { filter: constructEventFilter(["Message"]) });

    expect(statusCode.name).toBe("BadFilterNotAllowed");
    await subscription.terminate();
  });
});
