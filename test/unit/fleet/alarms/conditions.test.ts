import { describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { AlarmFleet } from "../../../support/alarm-fleet.ts";

const overload = { name: "Overload", when: "CurrentPhaseA > 100" };

describe("a condition", () => {
  it("is active while its expression holds, with the values in its message", () => {
    const fleet = new AlarmFleet([overload]);

    fleet.sample("CurrentPhaseA", 120.04);
    expect(fleet.state("Overload")).toMatchObject({
      active: true,
      acknowledged: false,
      message: "Too much. (CurrentPhaseA 120 A)",
      activeAt: fleet.clock.now(),
      firstUp: true,
    });
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 90);

    expect(fleet.state("Overload")).toMatchObject({ active: false, acknowledged: false, clearedAt: fleet.clock.now() });
    expect(fleet.told).toEqual(["active Overload", "cleared Overload"]);
  });

  it("fills places of its message with values and words", () => {
    const fleet = new AlarmFleet([{ ...overload, message: "{CurrentPhaseA} at position {Position}, {Nothing}" }]);

    fleet.sample("Position", 2);
    fleet.sample("CurrentPhaseA", 300);

    expect(fleet.state("Overload").message).toBe("300 A at position Closed, {Nothing}");
  });

  it("is one alarm however often the value comes", () => {
    const fleet = new AlarmFleet([overload]);

    for (let current = 110; current < 200; current += 1) fleet.sample("CurrentPhaseA", current);

    expect(fleet.told).toEqual(["active Overload"]);
  });

  it("is evaluated only when an input changed", () => {
    const fleet = new AlarmFleet([overload, { name: "Open", when: "Position == 'Open'" }]);
    fleet.sample("CurrentPhaseA", 50);
    const before = fleet.alarms.engine.evaluations;

    fleet.sample("CurrentPhaseA", 50);
    expect(fleet.alarms.engine.evaluations).toBe(before);
    fleet.sample("CurrentPhaseA", 51);

    expect(fleet.alarms.engine.evaluations).toBe(before + 1);
  });

  it("keeps its state with hysteresis until it may clear", () => {
    const fleet = new AlarmFleet([{ ...overload, clearWhen: "CurrentPhaseA < 90" }]);

    for (const current of [110, 95, 100, 91]) fleet.sample("CurrentPhaseA", current);
    expect(fleet.state("Overload").active).toBe(true);
    fleet.sample("CurrentPhaseA", 89);

    expect(fleet.told).toEqual(["active Overload", "cleared Overload"]);
  });

  it("waits for the on-delay, which starts anew when the cause went away", () => {
    const fleet = new AlarmFleet([{ ...overload, onDelayMs: 1_000 }]);

    fleet.sample("CurrentPhaseA", 120);
    fleet.clock.advance(900);
    fleet.sample("CurrentPhaseA", 80);
    fleet.sample("CurrentPhaseA", 120);
    fleet.clock.advance(900);
    expect(fleet.state("Overload").active).toBe(false);
    fleet.clock.advance(100);

    expect(fleet.state("Overload")).toMatchObject({ active: true, activeAt: fleet.clock.now() });
  });

  it("waits for the off-delay, and not at all when the cause came back", () => {
    const fleet = new AlarmFleet([{ ...overload, offDelayMs: 1_000 }]);

    fleet.sample("CurrentPhaseA", 120);
    fleet.sample("CurrentPhaseA", 80);
    fleet.clock.advance(500);
    fleet.sample("CurrentPhaseA", 130);
    fleet.clock.advance(5_000);
    expect(fleet.told).toEqual(["active Overload"]);
    fleet.sample("CurrentPhaseA", 80);
    fleet.clock.advance(1_000);

    expect(fleet.told).toEqual(["active Overload", "cleared Overload"]);
  });

  it("does not feel that the clock of the machine is set", () => {
    const fleet = new AlarmFleet([{ ...overload, onDelayMs: 1_000 }]);

    fleet.sample("CurrentPhaseA", 120);
    fleet.clock.jump(3_600_000);
    fleet.clock.advance(999);
    expect(fleet.state("Overload").active).toBe(false);
    fleet.clock.advance(1);

    expect(fleet.state("Overload").active).toBe(true);
  });

  it("is neither raised nor cleared by a value that cannot be trusted", () => {
    const fleet = new AlarmFleet([overload, { name: "NotClosed", when: "Position != 'Closed'" }]);
    fleet.sample("CurrentPhaseA", 120);
    fleet.sample("Position", 2);

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "death");

    expect(fleet.state("Overload")).toMatchObject({ active: true, quality: Quality.uncertainLastUsable });
    expect(fleet.state("NotClosed").active).toBe(false);
    expect(fleet.told).toEqual(["active Overload", "updated Overload"]);
  });

  it("does not start a delay anew with a bad value in between, nor end one", () => {
    const fleet = new AlarmFleet([{ name: "NotClosed", when: "Position != 'Closed'", onDelayMs: 1_000 }]);
    fleet.sample("Position", 1);
    fleet.clock.advance(500);

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "death");
    fleet.clock.advance(10_000);

    expect(fleet.state("NotClosed").active).toBe(false);
  });

  it("does not judge values that are only history", () => {
    const fleet = new AlarmFleet([overload]);

    fleet.sample("CurrentPhaseA", 120, fleet.clock.now() - 60_000, 1);

    expect(fleet.told).toEqual([]);
  });

  it("is the first-up only when nothing else of its device was active", () => {
    const fleet = new AlarmFleet([overload, { name: "Heavy", when: "CurrentPhaseA > 200" }]);

    fleet.sample("CurrentPhaseA", 120);
    fleet.sample("CurrentPhaseA", 250);

    expect([fleet.state("Overload").firstUp, fleet.state("Heavy").firstUp]).toEqual([true, false]);
  });

  it("is held active when it chatters, and told once", () => {
    const fleet = new AlarmFleet([overload]);

    for (let i = 0; i < 5_000; i += 1) {
      fleet.sample("CurrentPhaseA", i % 2 === 0 ? 120 : 80);
      fleet.clock.advance(1);
    }
    const told = fleet.events.length;
    expect(told).toBeLessThan(25);
    expect(fleet.state("Overload").active).toBe(true);
    expect(fleet.clock.pending).toBeLessThan(5);
    fleet.sample("CurrentPhaseA", 80);
    fleet.clock.advance(60_000);

    expect(fleet.state("Overload").active).toBe(false);
  });
});
