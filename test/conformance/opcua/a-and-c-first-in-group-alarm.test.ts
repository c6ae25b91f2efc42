import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C First in Group Alarm", (context) => {
  it("marks the alarm that came first on a device", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());

    const device = "fdi-host-smart-meter";

    fixture.feed(device, { TamperDetected: 1 });
    const first = await desk.see(`${device}/CoverOpened`, { "ActiveState/Id": true });
    fixture.feed(device, { DeviceHealth: 1 });
    const second = await desk.see(`${device}/MeterFailure`, { "ActiveState/Id": true });
    fixture.feed(device, { DeviceHealth: 0, TamperDetected: 0 });

    expect([first.FirstInGroupFlag, second.FirstInGroupFlag]).toEqual([true, false]);
  });
});
