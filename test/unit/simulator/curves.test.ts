import { describe, expect, it } from "vitest";
import { type CurveName, curveNames, curves, operateTimeS, resetTimeS } from "#simulator/protection/curves.ts";
import { benchBreaker, outOfReach, runSteps } from "./support/bench-breaker.ts";

/** Operating times in s at 2, 5 and 10 times pickup with a multiplier of 1 (IEC 60255-151, IEEE C37.112). */
const vectors: Readonly<Record<CurveName, readonly [number, number, number]>> = {
  "iec-a": [10.029, 4.28, 2.971],
  "iec-b": [13.5, 3.375, 1.5],
  "iec-c": [26.667, 3.333, 0.808],
  "ieee-mi": [3.803, 1.688, 1.207],
  "ieee-vi": [7.028, 1.308, 0.689],
  "ieee-ei": [9.522, 1.297, 0.407],
};

describe("inverse time curves", () => {
  it.each(curveNames)("%s meets its published times at 2, 5 and 10 times pickup", (name) => {
    const times = [2, 5, 10].map((multiple) => operateTimeS(curves[name], multiple));

    for (const [i, time] of times.entries()) expect(time).toBeCloseTo(vectors[name][i] ?? 0, 2);
  });

  it("agree with the printed IEEE very inverse table at 1.5, 2 and 3 times pickup", () => {
    const times = [1.5, 2, 3].map((multiple) => operateTimeS(curves["ieee-vi"], multiple).toFixed(3));

    expect(times).toEqual(["16.179", "7.028", "2.942"]);
  });

  it("are frozen above 20 times and do not start below 1.05 times pickup", () => {
    expect(operateTimeS(curves["iec-b"], 50)).toBe(operateTimeS(curves["iec-b"], 20));
    expect(operateTimeS(curves["iec-b"], 1.04)).toBe(Number.POSITIVE_INFINITY);
  });

  it("fall back like a disk: the reset constant at zero current, longer near pickup", () => {
    expect(resetTimeS(curves["ieee-vi"], 0)).toBe(21.6);
    expect(resetTimeS(curves["ieee-vi"], 0.5, 2)).toBeCloseTo(57.6, 9);
  });
});

/** 1.05 to 20 times pickup in 25 steps that are equal on a logarithmic axis. */
const multiples = Array.from({ length: 25 }, (_, i) => 1.05 * (20 / 1.05) ** (i / 24));

describe.each(curveNames)("a breaker set to %s", (name) => {
  const settings = {
    ...outOfReach,
    ThermalPickup: 200,
    LongTimeCurve: curveNames.indexOf(name) + 1,
    TimeMultiplier: 0.5,
  };

  it("trips within 1 % of the curve from 1.05 to 20 times pickup", () => {
    for (const multiple of multiples) {
      const breaker = benchBreaker({ settings });
      breaker.inject({ kind: "overload", amps: 200 * multiple }, 1e9);
      const expected = 1000 * operateTimeS(curves[name], multiple, 0.5);

      runSteps(breaker, expected * 1.05 + 200, 1_000);

      expect(breaker.lastTrip?.reason, `at ${multiple}`).toBe("InverseTime");
      expect(Math.abs((breaker.lastTrip?.operateMs ?? 0) / expected - 1), `at ${multiple}`).toBeLessThan(0.01);
    }
  });

  it("integrates a changing current instead of starting again", () => {
    const breaker = benchBreaker({ settings });
    const half = 500 * operateTimeS(curves[name], 2, 0.5);

    breaker.inject({ kind: "overload", amps: 400 }, 1e9);
    breaker.advanceTo(half);
    breaker.inject({ kind: "overload", amps: 1_000 }, 1e9);
    breaker.advanceTo(1e6);

    const second = 500 * operateTimeS(curves[name], 5, 0.5);
    expect(breaker.lastTrip?.atMs).toBeCloseTo(half + second, 3);
  });
});
