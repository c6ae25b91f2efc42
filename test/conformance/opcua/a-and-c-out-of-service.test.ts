import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Out Of Service", (context) => {
  it("takes an alarm out of service and places it in service", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0001/TemperatureHigh";
    fixture.feed("CB-0001", { Temperature: 81 });
    await desk.see(alarm, { "ActiveState/Id": true });

    const remove = await desk.do("RemoveFromService", alarm);
    await desk.see(alarm, { "OutOfServiceState/Id": true, SuppressedOrShelved: true });
    const place = await desk.do("PlaceInService", alarm);
    await desk.see(alarm, { "OutOfServiceState/Id": false, SuppressedOrShelved: false });
    fixture.feed("CB-0001", { Temperature: 20 });

    expect([remove, place]).toEqual(["Good", "Good"]);
  });
});
