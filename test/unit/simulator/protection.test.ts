import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Breaker } from "#simulator/breaker/breaker.ts";
import { frames } from "#simulator/breaker/frame.ts";
import { afddTimeS } from "#simulator/protection/afdd-element.ts";
import { shortTimeWindow, shortTimeWindows } from "#simulator/protection/break-window.ts";
import { benchBreaker, outOfReach, runSteps } from "./support/bench-breaker.ts";

const seeds = Array.from({ length: 30 }, (_, i) => String(i));

function tripped(breaker: Breaker): NonNullable<Breaker["lastTrip"]> {
  if (breaker.lastTrip === undefined) throw new Error("no trip");
  return breaker.lastTrip;
}

describe("short-time protection", () => {
  it.each(shortTimeWindows)("set to $delayMs ms breaks within $fromMs to $toMs ms", ({ delayMs, fromMs, toMs }) => {
    const times = seeds.map((seed) => {
      const breaker = benchBreaker({ seed, settings: { OvercurrentDelay: delayMs } });
      breaker.inject({ kind: "overload", amps: 1_500 }, 1_000);
      runSteps(breaker, 1_000);
      expect(tripped(breaker).reason).toBe("Overcurrent");
      return tripped(breaker).clearMs;
    });

    expect(Math.min(...times)).toBeGreaterThanOrEqual(fromMs);
    expect(Math.max(...times)).toBeLessThanOrEqual(toMs);
    // Really spread over the window, not one number.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(0.5 * (toMs - fromMs));
  });

  it("with I2t on takes (10 Ir / I)^2 longer, never less than its delay", () => {
    const settings = { ThermalPickup: 200, ShortTimeI2t: 1, InstantaneousPickup: 1e9, ThermalDelay: 24 };
    const clear = (amps: number): number => {
      const breaker = benchBreaker({ settings });
      breaker.inject({ kind: "overload", amps }, 60_000);
      breaker.advanceTo(60_000);
      expect(tripped(breaker).reason).toBe("Overcurrent");
      return tripped(breaker).clearMs;
    };

    const atTenIr = clear(2_000);
    expect(clear(1_000) / atTenIr).toBeCloseTo(4, 1);
    expect(clear(4_000)).toBeCloseTo(atTenIr, 6);
  });

  it("counts from its own pickup, however often it is looked at", () => {
    const clear = (stepMs: number): number => {
      const breaker = benchBreaker({ settings: { OvercurrentDelay: 400 } });
      breaker.inject({ kind: "overload", amps: 1_500 }, 5_000);
      runSteps(breaker, 5_000, stepMs);
      return tripped(breaker).clearMs;
    };

    expect(clear(10)).toBeCloseTo(clear(1_000), 6);
  });

  it("starts again when the current fell below 95 % of the pickup in between", () => {
    const breaker = benchBreaker({ settings: { OvercurrentDelay: 400 } });
    breaker.inject({ kind: "overload", amps: 1_500 }, 300);
    breaker.advanceTo(400);
    breaker.inject({ kind: "overload", amps: 1_500 }, 300);
    breaker.advanceTo(1_000);

    expect(breaker.lastTrip).toBeUndefined();
  });

  it("interpolates its window between the published steps", () => {
    expect(shortTimeWindow(150)).toEqual({ delayMs: 150, fromMs: 110, toMs: 170 });
  });
});

describe("instantaneous protection", () => {
  it("clears in less than 50 ms and keeps the currents of all poles and the peak", () => {
    for (const seed of seeds) {
      const breaker = benchBreaker({ seed });
      breaker.inject({ kind: "line-line", amps: 9_000 }, 200);
      breaker.advanceTo(200);

      const trip = tripped(breaker);
      expect(trip.reason).toBe("Instantaneous");
      expect(trip.clearMs).toBeLessThan(50);
      expect(trip.currentsA).toEqual([9_000, 9_000, 0]);
      expect(trip.peakA).toBe(1.7 * 9_000);
    }
  });

  it("wins over the slower elements that also see the current", () => {
    const breaker = benchBreaker();
    breaker.inject({ kind: "line-ground" }, 1_000);
    breaker.advanceTo(1_000);

    expect(tripped(breaker).reason).toBe("Instantaneous");
  });
});

describe("voltage, frequency and unbalance elements", () => {
  it.each([
    { reason: "Undervoltage", settings: { UndervoltageEnabled: 1 }, event: { voltage: 0.6, offsetHz: 0 }, ms: 2_000 },
    { reason: "Overvoltage", settings: { OvervoltageEnabled: 1 }, event: { voltage: 1.2, offsetHz: 0 }, ms: 2_000 },
    {
      reason: "Underfrequency",
      settings: { UnderfrequencyEnabled: 1 },
      event: { voltage: 1, offsetHz: -3 },
      ms: 1_000,
    },
    { reason: "Overfrequency", settings: { OverfrequencyEnabled: 1 }, event: { voltage: 1, offsetHz: 3 }, ms: 1_000 },
  ])("$reason trips after its delay, at most 30 ms late", ({ reason, settings, event, ms }) => {
    const breaker = benchBreaker({ settings });
    breaker.disturbSupply(event, 10_000);
    runSteps(breaker, 10_000);

    expect(tripped(breaker).reason).toBe(reason);
    expect(tripped(breaker).clearMs).toBeGreaterThanOrEqual(ms);
    expect(tripped(breaker).clearMs).toBeLessThanOrEqual(ms + 30);
  });

  it("Unbalance trips when a phase is lost", () => {
    const breaker = benchBreaker({ settings: { UnbalanceEnabled: 1 }, profile: { level: 0.8, imbalance: [0, 0, 0] } });
    breaker.inject({ kind: "phase-loss" }, 60_000);
    runSteps(breaker, 10_000);

    expect(tripped(breaker).reason).toBe("Unbalance");
    expect(tripped(breaker).currentsA[1]).toBe(0);
  });

  it("stay quiet while they are switched off", () => {
    const breaker = benchBreaker();
    breaker.disturbSupply({ voltage: 0.3, offsetHz: -5 }, 60_000);
    runSteps(breaker, 60_000, 1_000);

    expect(breaker.lastTrip).toBeUndefined();
  });
});

describe("arc protection", () => {
  it.each([
    { amps: 2.5, seconds: 1 },
    { amps: 5, seconds: 0.5 },
    { amps: 10, seconds: 0.25 },
    { amps: 16, seconds: 0.15 },
    { amps: 32, seconds: 0.12 },
    { amps: 63, seconds: 0.12 },
  ])("of a miniature breaker breaks a series arc of $amps A within $seconds s", ({ amps, seconds }) => {
    const breaker = benchBreaker({ frame: frames["mcb-63"] });
    breaker.inject({ kind: "series-arc", amps }, 5_000);
    breaker.advanceTo(5_000);

    expect(tripped(breaker).reason).toBe("ArcFault");
    expect(Math.abs(tripped(breaker).clearMs / (1000 * seconds) - 1)).toBeLessThan(0.01);
    expect(afddTimeS(amps)).toBe(seconds);
  });

  it("of a miniature breaker ignores arcs below 2.5 A", () => {
    const breaker = benchBreaker({ frame: frames["mcb-63"] });
    breaker.inject({ kind: "series-arc", amps: 2 }, 60_000);
    breaker.advanceTo(60_000);

    expect(breaker.lastTrip).toBeUndefined();
  });

  it("of a large breaker operates on light and current within 10 to 25 ms", () => {
    for (const seed of seeds) {
      const breaker = benchBreaker({ seed, frame: frames["acb-1600"] });
      breaker.inject({ kind: "arc", amps: 5_000 }, 1_000);
      breaker.advanceTo(1_000);

      expect(tripped(breaker).reason).toBe("ArcFault");
      expect(tripped(breaker).operateMs).toBeGreaterThanOrEqual(10);
      expect(tripped(breaker).operateMs).toBeLessThanOrEqual(25);
    }
  });

  it("needs light: the same current without it does not trip at once", () => {
    const breaker = benchBreaker({ frame: frames["acb-1600"] });
    breaker.inject({ kind: "overload", amps: 5_000 }, 1_000);
    breaker.advanceTo(1_000);

    expect(breaker.lastTrip).toBeUndefined();
  });
});

describe("no trip", () => {
  it("happens below every pickup, however long and however the current moves", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 299, noNaN: true }), fc.integer({ min: 1, max: 3_600_000 })), {
          maxLength: 10,
        }),
        (loads) => {
          const breaker = benchBreaker();
          for (const [amps, ms] of loads) {
            breaker.inject({ kind: "overload", amps }, ms);
            breaker.advanceTo(breaker.timeMs + ms);
          }

          expect(breaker.lastTrip).toBeUndefined();
        },
      ),
    );
  });

  it("happens while protection is disabled", () => {
    const breaker = benchBreaker({ settings: { ...outOfReach, ProtectionEnabled: 0 } });
    breaker.inject({ kind: "overload", amps: 3_000 }, 60_000);
    breaker.advanceTo(60_000);

    expect(breaker.lastTrip).toBeUndefined();
  });
});

describe("energy", () => {
  it("never decreases and stands still while the breaker is open", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), fc.string(), (steps, seed) => {
        const breaker = benchBreaker({ seed, profile: { level: 0.6 } });
        let before = breaker.counters.energyKwh;
        for (const count of steps) {
          runSteps(breaker, breaker.timeMs + count * 100);
          expect(breaker.counters.energyKwh).toBeGreaterThanOrEqual(before);
          before = breaker.counters.energyKwh;
        }
        breaker.openByCommand();
        runSteps(breaker, breaker.timeMs + 100);
        before = breaker.counters.energyKwh;
        runSteps(breaker, breaker.timeMs + 5_000);

        expect(breaker.counters.energyKwh).toBe(before);
      }),
      { numRuns: 30 },
    );
  });
});
