import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C OffNormal", (context) => {
  it("tells of a state that should not be", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0005", { ArcFaultDetected: 1 });
    const event = await desk.see("CB-0005/ArcFault", { "ActiveState/Id": true });
    fixture.feed("CB-0005", { ArcFaultDetected: 0 });

    expect(event).toMatchObject({ EventType: "ns=0;i=10637", ConditionClassName: "SafetyConditionClassType" });
  });
});
