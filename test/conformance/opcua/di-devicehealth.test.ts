import { AttributeIds, type NodeId } from "node-opcua-client";
import { expect, it } from "vitest";
import { showsValue } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI DeviceHealth", (context) => {
  it("is a DeviceHealthEnumeration that follows the NE 107 state of the device", async () => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const nodeId = await client.browse(`/${di}:DeviceSet/1:CB-0003/${di}:DeviceHealth`);
    const dataType = await client.session.read({ nodeId, attributeId: AttributeIds.DataType });

    expect((dataType.value.value as NodeId).toString()).toBe(`ns=${di};i=6244`);
    // Nothing but its own word: a breaker that is neither open nor closed has failed.
    fixture.feed("CB-0003", { Position: 2 });
    for (const state of [4, 2, 0]) {
      fixture.feed("CB-0003", { DeviceHealth: state });
      await showsValue(client, nodeId, state);
    }
  });
});
