import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C First in Group Alarm", (context) => {
  it("marks the alarm that came first of those of one category", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const well = { Temperature: 20, MaintenanceDue: 0, ContactWear: 0 };
    fixture.feed("CB-0002", well);

    fixture.feed("CB-0002", { Temperature: 81 });
    const first = await desk.see("CB-0002/TemperatureHigh", { "ActiveState/Id": true });
    fixture.feed("CB-0002", { MaintenanceDue: 1 });
    const second = await desk.see("CB-0002/MaintenanceNeeded", { "ActiveState/Id": true });
    fixture.feed("CB-0002", well);

    expect([first.FirstInGroupFlag, second.FirstInGroupFlag]).toEqual([true, false]);
  });
});
