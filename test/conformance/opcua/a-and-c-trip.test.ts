import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Trip", (context) => {
  it("tells of a trip by its protection", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0006", { TripState: 1, TripReason: "GroundFault" });
    const event = await desk.see("CB-0006/GroundFaultTrip", { "ActiveState/Id": true });
    fixture.feed("CB-0006", { TripState: 0, TripReason: "" });

    expect(event).toMatchObject({
      EventType: "ns=0;i=10751",
      ConditionClassName: "SafetyConditionClassType",
      Severity: 1000,
    });
  });
});
