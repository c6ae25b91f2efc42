import { describe, expect, it } from "vitest";
import { frames } from "#simulator/breaker/frame.ts";
import { groundCharacteristic, logarithmic, phaseCharacteristic } from "#simulator/curve/characteristic.ts";
import { curveCsv } from "#simulator/curve/csv.ts";
import { measureTrip } from "#simulator/curve/measure.ts";
import { curveSvg } from "#simulator/curve/svg.ts";

const frame = frames["mccb-250"];

/** Numbers on a drawn curve may differ by rounding only. */
const tolerance = 1e-6;

describe("the drawn characteristic", () => {
  it.each([
    ["standard settings", {}],
    ["IEC very inverse", { LongTimeCurve: 2, TimeMultiplier: 0.3 }],
    ["I2t ramps", { ShortTimeI2t: 1, GroundFaultI2t: 1, OvercurrentDelay: 400, GroundFaultDelay: 400 }],
  ])("holds every trip of the simulated breaker with %s", (_name, more) => {
    const settings = { ...frame.standard, ...more };
    for (const amps of logarithmic(1.1 * 1.2 * 250, 9_000, 25)) {
      const promised = phaseCharacteristic(settings, amps);
      const measured = measureTrip(frame, settings, "overload", amps);
      expect(measured?.clearS, `${amps} A`).toBeGreaterThanOrEqual(promised.fromS * (1 - tolerance));
      expect(measured?.clearS, `${amps} A`).toBeLessThanOrEqual(promised.toS * (1 + tolerance));
    }
    for (const amps of logarithmic(80, 240, 8)) {
      const promised = groundCharacteristic(settings, frame, amps);
      const measured = measureTrip(frame, settings, "ground", amps);
      expect(measured?.clearS ?? Infinity, `${amps} A to earth`).toBeGreaterThanOrEqual(
        promised.fromS * (1 - tolerance),
      );
      expect(measured?.clearS ?? Infinity, `${amps} A to earth`).toBeLessThanOrEqual(promised.toS * (1 + tolerance));
    }
  });
});

describe("the documents", () => {
  const promised = [300, 1_000, 3_000].map((amps) => phaseCharacteristic(frame.standard, amps));
  const measured = { amps: 1_000, clearS: 0.17, reason: "Overcurrent" };

  it("list promised and measured times as CSV, with empty cells for no trip", () => {
    const rows = promised.map((each) => ({
      circuit: "phase" as const,
      promised: each,
      measured: each.amps === 1_000 ? measured : undefined,
    }));

    expect(curveCsv(rows).split("\n")).toEqual([
      "circuit,current_a,element,break_from_s,break_to_s,measured_s,measured_reason",
      "phase,300,none,,,,",
      "phase,1000,S,0.14,0.2,0.17,Overcurrent",
      "phase,3000,I,0.015,0.045,,",
      "",
    ]);
  });

  it("draw one point per measured trip and escape the title", () => {
    const svg = curveSvg({
      title: 'A & B <"breaker">',
      subtitle: "",
      phase: promised,
      ground: [],
      measuredPhase: [measured],
      measuredGround: [],
      marks: [{ name: "Ir", amps: 300 }],
    });

    expect(svg).toContain("A &amp; B &lt;&quot;breaker&quot;>");
    // The other circle belongs to the legend.
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
