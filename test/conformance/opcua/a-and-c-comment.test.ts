import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Comment", (context) => {
  it("adds a comment without acknowledging, and the event that was seen first still names the alarm", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0004/TemperatureHigh";
    fixture.feed("CB-0004", { Temperature: 81 });
    const active = await desk.see(alarm, { "ActiveState/Id": true });

    const added = await desk.answer("AddComment", active, "on it");
    const event = await desk.see(alarm, { Comment: "on it" });
    const acknowledged = await desk.answer("Acknowledge", active, "");
    fixture.feed("CB-0004", { Temperature: 20 });

    expect([added, acknowledged]).toEqual(["Good", "Good"]);
    expect(event).toMatchObject({ "AckedState/Id": false, ClientUserId: "admin" });
  });
});
