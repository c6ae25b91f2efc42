import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enduranceAt } from "#simulator/physics/contact-wear.ts";
import { Readings } from "#simulator/physics/readings.ts";
import { Random } from "#simulator/random.ts";

const amps = fc.double({ min: 0, max: 20_000, noNaN: true });

function readings(phases: readonly number[], thd: number, phi: number): Readings {
  const result = new Readings();
  result.update({
    voltagesV: Float64Array.from([230, 231, 229]),
    amps: Float64Array.from(phases),
    phi,
    thd,
    earthA: 0,
    frequencyHz: 50,
  });
  return result;
}

describe("readings", () => {
  it("obey S^2 = P^2 + Q^2 + D^2 for any currents, angle and distortion", () => {
    fc.assert(
      fc.property(
        fc.tuple(amps, amps, amps),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.double({ min: -1.4, max: 1.4, noNaN: true }),
        (phases, thd, phi) => {
          const r = readings(phases, thd, phi);

          const sum = r.activeKw ** 2 + r.reactiveKvar ** 2 + r.distortionKva ** 2;
          expect(r.apparentKva ** 2).toBeCloseTo(sum, 3);
          // Independently: rms voltage times true rms current, phase by phase.
          const byPhase = r.voltagesV.reduce((s, v, i) => s + (v * (r.currentsA[i] ?? 0)) / 1000, 0);
          expect(r.apparentKva).toBeCloseTo(byPhase, 6);
        },
      ),
    );
  });

  it("show no neutral and no negative sequence current for a balanced load without harmonics", () => {
    const r = readings([100, 100, 100], 0, 0.3);

    expect(r.neutralA).toBeCloseTo(0, 9);
    expect(r.negativeSequenceA).toBeCloseTo(0, 9);
    expect(r.unbalancePercent).toBe(0);
  });

  it("are zero without current", () => {
    const r = readings([0, 0, 0], 0.04, 0.3);

    expect([r.activeKw, r.reactiveKvar, r.apparentKva, r.neutralA, r.unbalancePercent, r.thdPercent]).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });
});

it("reads contact endurance from the log-log curve through three points", () => {
  const points = [
    { amps: 1_200, operations: 10_000 },
    { amps: 8_000, operations: 150 },
    { amps: 20_000, operations: 12 },
  ];

  expect(enduranceAt(points, 7_000)).toBeCloseTo(202, 0);
  expect(enduranceAt(points, 2_500)).toBeCloseTo(1_969, 0);
  expect(enduranceAt(points, 12_000)).toBeCloseTo(49, 0);
  expect(enduranceAt(points, 1)).toBe(10_000);
  expect(enduranceAt(points, 50_000)).toBe(12);
});

it("draws the same numbers from the same seed and others from another", () => {
  const draw = (seed: string): number[] =>
    Array.from({ length: 5 }, () => 0).map(() => new Random(seed).fork("x").next());

  expect(draw("1")).toEqual(draw("1"));
  expect(draw("1")).not.toEqual(draw("2"));
});
