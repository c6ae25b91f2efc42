import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

/** NodeIds of the four types of OPC 10000-100, 4.5.4, and an alarm of each class of NE 107. */
const classes = [
  { type: 15292, alarm: "TripUnitFailure", bad: { SelfTestResult: 3 }, good: { SelfTestResult: 0 } },
  { type: 15441, alarm: "ProtectionOff", bad: { ProtectionEnabled: 0 }, good: { ProtectionEnabled: 1 } },
  { type: 15590, alarm: "TemperatureHigh", bad: { Temperature: 90 }, good: { Temperature: 20 } },
  { type: 15739, alarm: "MaintenanceNeeded", bad: { MaintenanceDue: 1 }, good: { MaintenanceDue: 0 } },
];

conformanceUnit("DI HealthDiagnosticsAlarm", (context) => {
  it.each(classes)("tells of $alarm with its type", async ({ type, alarm, bad, good }) => {
    const { client, fixture } = context();
    const di = await indexOf(client, diUri);
    const desk = await openDesk(context());

    fixture.feed("CB-0010", bad);
    const event = await desk.see(`CB-0010/${alarm}`, { "ActiveState/Id": true });
    fixture.feed("CB-0010", good);

    expect(event.EventType).toBe(`ns=${di};i=${type}`);
  });
});
