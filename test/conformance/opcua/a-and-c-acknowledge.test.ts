import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Acknowledge", (context) => {
  it("takes an acknowledgement with comment and user, once", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    fixture.feed("CB-0012", { Temperature: 81 });
    const active = await desk.see("CB-0012/TemperatureHigh", { "ActiveState/Id": true });

    const stale = await desk.answer("Acknowledge", { ...active, EventId: Buffer.alloc(16, 7) }, "");
    const none = await desk.answer("Acknowledge", { ...active, EventId: null }, "");
    const good = await desk.answer("Acknowledge", active, "fan was off");
    const acked = await desk.see("CB-0012/TemperatureHigh", { "AckedState/Id": true });
    const again = await desk.answer("Acknowledge", active, "");

    expect([stale, none]).toEqual(["BadEventIdUnknown", "BadEventIdUnknown"]);
    expect([good, again]).toEqual(["Good", "BadConditionBranchAlreadyAcked"]);
    expect(acked).toMatchObject({ Comment: "fan was off", ClientUserId: "admin", "ActiveState/Id": true });
  });

  it("keeps an acknowledged alarm in sight while it is active", async () => {
    const { fixture } = context();
    const alarm = "CB-0012/TemperatureHigh";
    fixture.feed("CB-0012", { Temperature: 82 });
    const late = await openDesk(context());

    const events = await late.refresh();
    fixture.feed("CB-0012", { Temperature: 20 });
    await late.see(alarm, { "ActiveState/Id": false });

    const found = events.find(({ ConditionId }) => ConditionId === "ns=1;s=CB-0012/Alarms/TemperatureHigh");
    expect(found).toMatchObject({
      "ActiveState/Id": true,
      "AckedState/Id": true,
      Comment: "fan was off",
      Retain: true,
    });
  });
});
