import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Alarm", (context) => {
  it("becomes active and inactive, and is retained until nobody needs to see it", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0011/TemperatureHigh";

    fixture.feed("CB-0011", { Temperature: 81 });
    const active = await desk.see(alarm, { "ActiveState/Id": true });
    fixture.feed("CB-0011", { Temperature: 20 });
    const gone = await desk.see(alarm, { "ActiveState/Id": false });
    await desk.answer("Acknowledge", gone, "");
    const settled = await desk.see(alarm, { "AckedState/Id": true });

    expect(active).toMatchObject({ Retain: true, "AckedState/Id": false, SuppressedOrShelved: false });
    expect(gone).toMatchObject({ Retain: true, "AckedState/Id": false });
    expect(settled.Retain).toBe(false);
  });

  it("says how far its inputs can be trusted", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0011", { Temperature: 83 });
    const { Quality, Message } = await desk.see("CB-0011/TemperatureHigh", { "ActiveState/Id": true });
    fixture.feed("CB-0011", { Temperature: 20 });

    expect(String(Quality)).toContain("Good");
    expect(String(Message)).not.toBe("");
  });
});
