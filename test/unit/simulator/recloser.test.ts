import { describe, expect, it } from "vitest";
import { AddCause } from "#simulator/breaker/add-cause.ts";
import type { Breaker } from "#simulator/breaker/breaker.ts";
import { execute } from "#simulator/breaker/control.ts";
import { Position } from "#simulator/breaker/mechanism.ts";
import { benchBreaker, runSteps } from "./support/bench-breaker.ts";

const settings = { AutoRecloseEnabled: 1, AutoRecloseAttempts: 2, AutoRecloseDelay: 3, ThermalDelay: 0.5 };

/** An overload of 3.6 Ir, which the L trips after about 1.4 s. */
function overloaded(seconds: number, more = {}): Breaker {
  const breaker = benchBreaker({ settings: { ...settings, ...more } });
  breaker.inject({ kind: "overload", amps: 900 }, seconds * 1000);
  return breaker;
}

describe("auto-reclosing", () => {
  it("closes again after the dead time when the fault has gone, and releases the latch", () => {
    const breaker = overloaded(3);
    runSteps(breaker, 30_000);

    expect(breaker.counters.trips).toBe(1);
    expect(breaker.mechanism.position).toBe(Position.closed);
    expect(breaker.isTripped).toBe(false);
    expect(breaker.recloser).toMatchObject({ state: "ready", shots: 0 });
  });

  it("waits for the thermal image when it cools slower than the dead time", () => {
    const breaker = overloaded(3, { RecloseThermalLevel: 50 });
    runSteps(breaker, 60_000, 10);

    const opened = breaker.lastTrip?.atMs ?? 0;
    const cooling = 1000 * 24.5 * 0.5 * Math.log(2);
    const reclosed = breaker.counters.operations;
    expect(reclosed).toBe(1);
    expect(cooling).toBeGreaterThan(3_000);
    expect(breaker.mechanism.position).toBe(Position.closed);
    expect(opened).toBeGreaterThan(0);
  });

  it("locks out after its shots when the fault stays, and refuses Close until reset", () => {
    const breaker = overloaded(600);
    runSteps(breaker, 60_000);

    expect(breaker.counters.trips).toBe(3);
    expect(breaker.recloser.state).toBe("lockout");
    expect(execute(breaker, { kind: "close", client: "host" })).toMatchObject({
      addCause: AddCause.interlocking,
      reason: "locked out: reset it first",
    });
    execute(breaker, { kind: "reset", resetType: "Full" });
    expect(execute(breaker, { kind: "close", client: "host" }).addCause).toBe(AddCause.accepted);
  });

  it.each([
    { kind: "bolted", reason: "Instantaneous" },
    { kind: "ground", reason: "GroundFault" },
    { kind: "arc", reason: "ArcFault" },
  ] as const)("never follows a trip by $reason", ({ kind, reason }) => {
    const breaker = benchBreaker({ settings: { ...settings, ThermalDelay: 8 } });
    breaker.inject({ kind }, 500);
    runSteps(breaker, 30_000);

    expect(breaker.lastTrip?.reason).toBe(reason);
    expect(breaker.recloser.state).toBe("lockout");
    expect(breaker.mechanism.position).toBe(Position.open);
  });

  it("does not follow a thermal trip by a short-circuit current", () => {
    const breaker = benchBreaker({ settings });
    breaker.inject({ kind: "bolted", amps: 20_000 }, 500);
    runSteps(breaker, 30_000);

    expect(breaker.lastTrip?.reason).toBe("Thermal");
    expect(breaker.recloser.state).toBe("lockout");
  });

  it("follows an undervoltage trip only once the voltage is back", () => {
    const breaker = benchBreaker({ settings: { ...settings, UndervoltageEnabled: 1 } });
    breaker.disturbSupply({ voltage: 0.4, offsetHz: 0 }, 20_000);

    runSteps(breaker, 19_000);
    expect(breaker.recloser.state).toBe("dead-time");
    runSteps(breaker, 25_000);

    expect(breaker.mechanism.position).toBe(Position.closed);
  });

  it("is given up when somebody operates the breaker in the dead time", () => {
    const breaker = overloaded(3);
    runSteps(breaker, 3_000);
    expect(breaker.recloser.state).toBe("dead-time");

    execute(breaker, { kind: "trip" });
    runSteps(breaker, 30_000);

    expect(breaker.mechanism.position).toBe(Position.open);
  });

  it("counts a trip after the reclaim time as a new sequence", () => {
    const breaker = overloaded(3, { AutoRecloseAttempts: 1 });
    runSteps(breaker, 30_000);
    breaker.inject({ kind: "overload", amps: 900 }, 3_000);
    runSteps(breaker, 60_000);

    expect(breaker.counters.trips).toBe(2);
    expect(breaker.mechanism.position).toBe(Position.closed);
  });
});
