import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Basic", (context) => {
  it("tells of a condition with its id, name, class and states", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0009", { Temperature: 81 });
    const event = await desk.see("CB-0009/TemperatureHigh", { "ActiveState/Id": true });
    fixture.feed("CB-0009", { Temperature: 20 });

    expect(event).toMatchObject({
      ConditionId: "ns=1;s=CB-0009/Alarms/TemperatureHigh",
      SourceNode: "ns=1;s=CB-0009",
      SourceName: "CB-0009",
      ConditionName: "TemperatureHigh",
      ConditionClassName: "ProcessConditionClassType",
      BranchId: "ns=0;i=0",
      Retain: true,
      Severity: 700,
      "EnabledState/Id": true,
      InputNode: "ns=1;s=CB-0009/Temperature",
    });
    expect(event.EventId).toHaveLength(16);
  });

  it("gives each change an EventId of its own", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    fixture.feed("CB-0009", { Temperature: 82 });
    const active = await desk.see("CB-0009/TemperatureHigh", { "ActiveState/Id": true });
    fixture.feed("CB-0009", { Temperature: 20 });
    const gone = await desk.see("CB-0009/TemperatureHigh", { "ActiveState/Id": false });

    expect(gone.EventId).not.toEqual(active.EventId);
  });
});
