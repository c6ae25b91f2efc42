import { describe, expect, it } from "vitest";
import { TestFleet } from "../../support/test-fleet.ts";

describe("a host clock that is set back by an hour", () => {
  it("does not turn the values of devices into history, whether they send times of their own or not", () => {
    const fleet = new TestFleet();
    fleet.sample("CurrentPhaseA", 10);
    fleet.sample("Position", 2);
    fleet.clock.jump(-3_600_000);

    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 11, fleet.clock.elapsed());
    fleet.sample("Position", 1);
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 12, fleet.clock.elapsed());
    fleet.sample("Position", 0);

    expect(fleet.value("CurrentPhaseA").value).toBe(12);
    expect(fleet.value("Position").value).toBe(0);
  });
});
