import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Suppression by Operator", (context) => {
  it("suppresses and unsuppresses", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0002/TemperatureHigh";
    fixture.feed("CB-0002", { Temperature: 81 });
    await desk.see(alarm, { "ActiveState/Id": true });

    const suppress = await desk.do("Suppress", alarm);
    await desk.see(alarm, { "SuppressedState/Id": true, SuppressedOrShelved: true, "ActiveState/Id": true });
    const unsuppress = await desk.do("Unsuppress", alarm);
    await desk.see(alarm, { "SuppressedState/Id": false, SuppressedOrShelved: false });
    fixture.feed("CB-0002", { Temperature: 20 });

    expect([suppress, unsuppress]).toEqual(["Good", "Good"]);
  });
});
