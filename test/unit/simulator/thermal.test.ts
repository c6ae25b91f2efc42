import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ThermalElement, thermalTauS, thermalTripTimeS } from "#simulator/protection/thermal-element.ts";
import { benchBreaker, outOfReach, runSteps } from "./support/bench-breaker.ts";

function within(actual: number, expected: number, share: number): void {
  expect(Math.abs(actual / expected - 1), `${actual} against ${expected}`).toBeLessThanOrEqual(share);
}

describe("the thermal characteristic", () => {
  it.each([
    { amps: 1.5, prior: 0, seconds: 404 },
    { amps: 1.5, prior: 0.9, seconds: 136.2 },
    { amps: 2, prior: 0, seconds: 193.5 },
    { amps: 6, prior: 0, seconds: 18.66 },
    { amps: 6, prior: 0.9, seconds: 5.01 },
  ])("with tau 600 s and k 1.05 trips at $amps Ir after $prior Ir in $seconds s", ({ amps, prior, seconds }) => {
    within(thermalTripTimeS(600, 1.05, amps, prior), seconds, 0.001);
  });

  it("has the published ratios for k = 1.2 and k = 1.125", () => {
    const ratio = (amps: number): number => {
      const tau = thermalTauS(1);
      return thermalTripTimeS(tau, 1.2, amps) / thermalTripTimeS(tau, 1.2, 6);
    };

    within(thermalTauS(1), 24.5, 0.001);
    within(ratio(1.5), 25.03, 0.001);
    within(ratio(7.2), 0.69, 0.001);
    within(thermalTauS(1, 1.125), 27.94, 0.001);
  });

  it.each([
    { tr: 0.5, at15: 12.5, at72: 0.34 },
    { tr: 1, at15: 25, at72: 0.69 },
    { tr: 24, at15: 600, at72: 16.6 },
  ])("reproduces the published long-time table for tr = $tr s", ({ tr, at15, at72 }) => {
    const tau = thermalTauS(tr);

    within(thermalTripTimeS(tau, 1.2, 1.5), at15, 0.022);
    within(thermalTripTimeS(tau, 1.2, 6), tr, 1e-9);
    within(thermalTripTimeS(tau, 1.2, 7.2), at72, 0.022);
  });
});

/** 1.05 to 20 times the ultimate tripping current. */
const multiples = Array.from({ length: 25 }, (_, i) => 1.05 * (20 / 1.05) ** (i / 24));

describe("a breaker's long-time protection", () => {
  it("trips within 1 % of the characteristic from 1.05 to 20 times its limit", () => {
    for (const multiple of multiples) {
      const breaker = benchBreaker({ settings: { ...outOfReach, ThermalPickup: 200 } });
      const amps = 1.2 * 200 * multiple;
      const expected = 1000 * thermalTripTimeS(thermalTauS(8), 240, amps);

      breaker.inject({ kind: "overload", amps }, 1e9);
      runSteps(breaker, expected * 1.05 + 200, 500);

      expect(breaker.lastTrip?.reason, `at ${multiple}`).toBe("Thermal");
      within(breaker.lastTrip?.operateMs ?? 0, expected, 0.01);
    }
  });

  it("remembers heat while the breaker is open: the second trip comes sooner", () => {
    const breaker = benchBreaker({ settings: { ...outOfReach, RecloseThermalLevel: 100 } });
    breaker.inject({ kind: "overload", amps: 900 }, 1e9);
    breaker.advanceTo(60_000);
    const first = breaker.lastTrip?.operateMs ?? 0;

    breaker.isTripped = false;
    breaker.closeByCommand();
    breaker.advanceTo(120_000);

    expect(breaker.lastTrip?.operateMs).toBeLessThan(first / 2);
  });

  it("takes the neutral into account when it is protected", () => {
    const element = new ThermalElement();
    element.configure(100, 8, { neutralShare: 0.5 });
    const breaker = benchBreaker();
    breaker.inject({ kind: "overload", amps: 50 }, 1e9);
    breaker.readings.neutralA = 100;

    element.see({ readings: breaker.readings, isLit: false, seriesArcA: 0, isConducting: true });

    // 100 A in a neutral that may carry half of Ir counts like 200 A in a phase.
    within(element.operatesInMs() / 1000, thermalTripTimeS(thermalTauS(8), 120, 200), 1e-6);
  });
});

describe("the thermal state", () => {
  it("is the same however finely time is cut", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1_000, noNaN: true }),
        fc.array(fc.double({ min: 1, max: 20_000, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (amps, cuts) => {
          const breaker = benchBreaker({ settings: { ...outOfReach, ProtectionEnabled: 0 } });
          const whole = benchBreaker({ settings: { ...outOfReach, ProtectionEnabled: 0 } });
          for (const each of [breaker, whole]) each.inject({ kind: "overload", amps }, 1e9);

          for (const cut of cuts) breaker.advanceTo(breaker.timeMs + cut);
          whole.advanceTo(breaker.timeMs);

          expect(breaker.protection.thermal.level).toBeCloseTo(whole.protection.thermal.level, 9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("stays between 0 and the trip level whatever the load does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 5_000, noNaN: true }), fc.integer({ min: 1, max: 60_000 })), {
          maxLength: 20,
        }),
        (loads) => {
          const breaker = benchBreaker({ settings: outOfReach });
          for (const [amps, ms] of loads) {
            breaker.inject({ kind: "overload", amps }, ms);
            breaker.advanceTo(breaker.timeMs + ms);

            const { level } = breaker.protection.thermal;
            expect(level).toBeGreaterThanOrEqual(0);
            // The current flows on for the mechanism's 12 ms after the decision.
            expect(level).toBeLessThan(1.05);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
