import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Enable", (context) => {
  it("disables an alarm, which is neither shown nor acted upon, and enables it again", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const alarm = "CB-0010/TemperatureHigh";
    fixture.feed("CB-0010", { Temperature: 81 });
    await desk.see(alarm, { "ActiveState/Id": true });

    const disable = await desk.do("Disable", alarm);
    const disabled = await desk.see(alarm, { "EnabledState/Id": false });
    const twice = await desk.do("Disable", alarm);
    const acknowledge = await desk.answer("Acknowledge", disabled, "");
    const enable = await desk.do("Enable", alarm);
    const enabled = await desk.see(alarm, { "EnabledState/Id": true, "ActiveState/Id": true });
    const again = await desk.do("Enable", alarm);
    fixture.feed("CB-0010", { Temperature: 20 });

    expect([disable, twice, acknowledge]).toEqual(["Good", "BadConditionAlreadyDisabled", "BadConditionDisabled"]);
    expect(disabled.Retain).toBe(false);
    expect([enable, again]).toEqual(["Good", "BadConditionAlreadyEnabled"]);
    expect(enabled.Retain).toBe(true);
  });
});
