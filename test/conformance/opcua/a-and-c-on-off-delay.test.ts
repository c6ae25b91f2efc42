import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C On-Off Delay", (context) => {
  it("becomes active only when its cause has lasted for its delay", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const values = { CurrentUnbalance: 50, LoadPercentage: 80 };

    fixture.feed("CB-0003", values);
    fixture.fleet.clock.advance(4_000);
    const early = fixture.fleet.alarms.find("CB-0003/PhaseUnbalance")?.state.active;
    fixture.fleet.clock.advance(2_000);
    const event = await desk.see("CB-0003/PhaseUnbalance", { "ActiveState/Id": true });
    fixture.feed("CB-0003", { CurrentUnbalance: 0, LoadPercentage: 0 });

    expect(early).toBe(false);
    expect(event.OnDelay).toBe(5_000);
  });
});
