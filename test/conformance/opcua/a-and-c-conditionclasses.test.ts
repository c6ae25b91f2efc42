import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C ConditionClasses", (context) => {
  it("sorts alarms into process, safety and maintenance", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0004", { Temperature: 81, ArcFaultDetected: 1, MaintenanceDue: 1 });
    const events = await Promise.all(
      ["TemperatureHigh", "ArcFault", "MaintenanceNeeded"].map((name) =>
        desk.see(`CB-0004/${name}`, { "ActiveState/Id": true }),
      ),
    );
    fixture.feed("CB-0004", { Temperature: 20, ArcFaultDetected: 0, MaintenanceDue: 0 });

    expect(events.map(({ ConditionClassName }) => ConditionClassName)).toEqual([
      "ProcessConditionClassType",
      "SafetyConditionClassType",
      "MaintenanceConditionClassType",
    ]);
  });
});
