import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Non-Exclusive Level", (context) => {
  it("tells of a value beyond its limit, and of the limit", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const device = "fdi-host-smart-meter";
    fixture.feed(device, { DemandLimit: 100, Demand: 50 });

    fixture.feed(device, { Demand: 120 });
    const event = await desk.see(`${device}/DemandHigh`, { "ActiveState/Id": true });
    fixture.feed(device, { Demand: 50 });

    expect(event).toMatchObject({ EventType: "ns=0;i=10060", HighLimit: 100, InputNode: `ns=1;s=${device}/Demand` });
  });
});
