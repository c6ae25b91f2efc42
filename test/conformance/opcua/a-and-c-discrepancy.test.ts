import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Discrepancy", (context) => {
  it("tells of a breaker that is not where it should be", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    fixture.feed("CB-0003", { Position: 2 });

    fixture.feed("CB-0003", { Position: 3 });
    fixture.fleet.clock.advance(1_000);
    const event = await desk.see("CB-0003/PositionDiscrepancy", { "ActiveState/Id": true });
    fixture.feed("CB-0003", { Position: 2 });

    expect(event).toMatchObject({ EventType: "ns=0;i=17080", Severity: 1000 });
  });
});
