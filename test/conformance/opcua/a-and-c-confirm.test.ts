import { expect, it } from "vitest";
import { expressionTrigger } from "#fleet/alarms/expression-trigger.ts";
import { conditionOf } from "#model/compile-condition.ts";
import { alarmSpec } from "../../support/alarm-records.ts";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Confirm", (context) => {
  it("asks for a confirmation after the acknowledgement where the rule says so", async () => {
    const { fixture } = context();
    const { alarms } = fixture.fleet;
    const { package: pkg } = fixture.device("CB-0006");
    const { condition } = conditionOf("Temperature > 90", pkg.parameterByName);
    const spec = alarmSpec({ name: "MustBeConfirmed", when: condition, requiresConfirmation: true });
    const type = alarms.engine.typeOf(pkg);
    const column = alarms.engine.addRule(type, spec, expressionTrigger(spec, pkg, alarms.engine.situation));
    const desk = await openDesk(context());
    const alarm = "CB-0006/MustBeConfirmed";
    fixture.feed("CB-0006", { Temperature: 95 });
    const active = await desk.see(alarm, { "ActiveState/Id": true });

    const early = await desk.answer("Confirm", active, "");
    await desk.answer("Acknowledge", active, "");
    fixture.feed("CB-0006", { Temperature: 20 });
    const acked = await desk.see(alarm, { "AckedState/Id": true, "ActiveState/Id": false });
    const confirm = await desk.answer("Confirm", acked, "checked on site");
    const confirmed = await desk.see(alarm, { "ConfirmedState/Id": true });
    const again = await desk.answer("Confirm", confirmed, "");
    alarms.engine.removeRule(type, column);

    expect(acked).toMatchObject({ "ConfirmedState/Id": false, Retain: true });
    expect([early, confirm, again]).toEqual(["BadInvalidState", "Good", "BadConditionBranchAlreadyConfirmed"]);
    expect(confirmed).toMatchObject({ Comment: "checked on site", Retain: false });
  });
});
