import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Latching", (context) => {
  it("stays active until it is reset, which it can be once its cause has gone", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0007/InstantaneousTrip";
    fixture.feed("CB-0007", { TripState: 1, TripReason: "Instantaneous" });
    const active = await desk.see(alarm, { "ActiveState/Id": true });

    const early = await desk.do("Reset", alarm);
    fixture.feed("CB-0007", { TripState: 0, TripReason: "" });
    const latched = await desk.see(alarm, { "LatchedState/Id": true });
    await desk.answer("Acknowledge", active, "");
    const reset = await desk.do("Reset", alarm);
    const gone = await desk.see(alarm, { "ActiveState/Id": false });

    expect([early, reset]).toEqual(["BadInvalidState", "Good"]);
    expect(latched["ActiveState/Id"]).toBe(true);
    expect(gone).toMatchObject({ Retain: false, "LatchedState/Id": false });
  });
});
