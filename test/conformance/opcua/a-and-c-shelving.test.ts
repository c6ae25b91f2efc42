import { expect, it } from "vitest";
import { duration } from "../../support/alarm-desk.ts";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Shelving", (context) => {
  const alarm = "CB-0008/TemperatureHigh";

  it("shelves for a time, which runs out", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    fixture.feed("CB-0008", { Temperature: 81 });
    await desk.see(alarm, { "ActiveState/Id": true });

    const tooLong = await desk.do("TimedShelve", alarm, [duration(1e12)]);
    const shelved = await desk.do("TimedShelve", alarm, [duration(60_000)]);
    const event = await desk.see(alarm, { "ShelvingState/CurrentState": "Timed Shelved" });
    const twice = await desk.do("OneShotShelve", alarm);
    fixture.fleet.clock.advance(61_000);
    const over = await desk.see(alarm, { "ShelvingState/CurrentState": "Unshelved" });

    expect([tooLong, shelved, twice]).toEqual(["BadShelvingTimeOutOfRange", "Good", "BadConditionAlreadyShelved"]);
    expect(event).toMatchObject({ SuppressedOrShelved: true, "ShelvingState/UnshelveTime": 60_000, Retain: true });
    expect(over.SuppressedOrShelved).toBe(false);
  });

  it("shelves once, until the alarm has gone, or until it is unshelved", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    fixture.feed("CB-0008", { Temperature: 82 });

    const notShelved = await desk.do("Unshelve", alarm);
    const once = await desk.do("OneShotShelve", `${alarm}/ShelvingState`);
    await desk.see(alarm, { "ShelvingState/CurrentState": "One Shot Shelved" });
    const back = await desk.do("Unshelve", alarm);
    await desk.do("OneShotShelve", alarm);
    fixture.feed("CB-0008", { Temperature: 20 });
    const gone = await desk.see(alarm, { "ActiveState/Id": false, "ShelvingState/CurrentState": "Unshelved" });

    expect([notShelved, once, back]).toEqual(["BadConditionNotShelved", "Good", "Good"]);
    expect(gone.SuppressedOrShelved).toBe(false);
  });
});
