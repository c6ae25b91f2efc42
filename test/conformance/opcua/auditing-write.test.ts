import { AttributeIds, DataType } from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { watchEvents } from "./events.ts";

conformanceUnit("Auditing Write", (context) => {
  it("tells who wrote what, from what to what, done or refused", async () => {
    const { client, fixture } = context();
    fixture.obeyWrites();
    const nodeId = "ns=1;s=CB-0009/ThermalPickup";
    fixture.feed("CB-0009", { ThermalPickup: 200 });
    const fields = ["ClientUserId", "Status", "OldValue", "NewValue", "SourceNode", "AttributeId"];
    const seen = await watchEvents(client, "AuditWriteUpdateEventType", fields);

    const value = (amperes: number) => ({ value: { dataType: DataType.Float, value: amperes } });
    await client.session.write({ nodeId, attributeId: AttributeIds.Value, value: value(210) });
    await client.session.write({ nodeId, attributeId: AttributeIds.Value, value: value(9_999) });

    await until("two events", 5_000, () => seen.length >= 2 || undefined);
    expect(seen.map((event) => [...event.slice(0, 4), String(event[4]), event[5]])).toEqual([
      ["admin", true, 200, 210, nodeId, AttributeIds.Value],
      ["admin", false, 210, 9_999, nodeId, AttributeIds.Value],
    ]);
  });
});
