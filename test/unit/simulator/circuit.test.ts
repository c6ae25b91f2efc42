import { describe, expect, it } from "vitest";
import { frames } from "#simulator/breaker/frame.ts";
import { Circuit, peakRatio } from "#simulator/physics/circuit.ts";
import { dailyShape, Load, randomProfile } from "#simulator/physics/load.ts";
import { Supply } from "#simulator/physics/supply.ts";
import { standardRiseK, Terminal } from "#simulator/physics/terminal.ts";
import { Random } from "#simulator/random.ts";
import { benchBreaker, runSteps } from "./support/bench-breaker.ts";

describe("short-circuit currents", () => {
  const circuit = new Circuit(230.9, 25_000, 40);

  it("are the prospective current at the busbar and fall along the cable", () => {
    expect(circuit.shortCircuit("bolted", 0).amps).toBeCloseTo(25_000, 0);
    expect(circuit.shortCircuit("bolted", 10).amps).toBeLessThan(25_000);
    expect(circuit.shortCircuit("bolted").amps).toBeLessThan(circuit.shortCircuit("bolted", 10).amps);
  });

  it("between two phases are 0.866 of the three-phase current", () => {
    expect(circuit.shortCircuit("line-line").amps / circuit.shortCircuit("bolted").amps).toBeCloseTo(0.866, 3);
  });

  it("to earth go through the cable twice", () => {
    expect(circuit.shortCircuit("line-ground", 20).amps).toBeCloseTo(circuit.shortCircuit("bolted", 40).amps, 6);
  });

  it.each([
    [5_000, 1.5],
    [10_000, 1.7],
    [20_000, 2],
    [50_000, 2.1],
    [60_000, 2.2],
  ])("of %i A have a first peak of %d times the rms value", (amps, ratio) => {
    expect(peakRatio(amps)).toBe(ratio);
  });
});

describe("a load", () => {
  it("is lowest at 4 h and highest at 16 h", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => dailyShape(hour * 3_600_000));

    expect(hours.indexOf(Math.min(...hours))).toBe(4);
    expect(hours.indexOf(Math.max(...hours))).toBe(16);
  });

  it("draws 6 to 8 times the motor's current at its start, decaying", () => {
    const random = new Random("1");
    const load = new Load(
      250,
      { ...randomProfile(random), level: 0, motorShare: 0.1, motorStartsPerHour: 0, imbalance: [0, 0, 0] },
      random,
    );
    load.startMotor();
    const atStart = load.amps[0] ?? 0;
    load.runUp(1_500);
    const later = load.amps[0] ?? 0;
    load.runUp(30_000);

    expect(atStart / 25).toBeGreaterThanOrEqual(6);
    expect(atStart / 25).toBeLessThanOrEqual(8);
    expect((later - 25) / (atStart - 25)).toBeCloseTo(Math.exp(-1), 6);
    expect(load.amps[0]).toBeCloseTo(25, 6);
  });
});

describe("a supply", () => {
  it("stays within a few percent, apart from rare sags and swells by a tenth", () => {
    const supply = new Supply(400, 50, new Random("1"));
    const shares = Array.from({ length: 86_400 }, () => {
      supply.step(1_000);
      return (supply.voltagesV[0] ?? 0) / supply.nominalV;
    });

    const isEvent = (share: number): boolean => Math.abs(share - 1) > 0.06;
    const events = shares.filter((share, i) => isEvent(share) && !isEvent(shares[i - 1] ?? 1));
    expect(Math.min(...shares)).toBeGreaterThan(0.84);
    expect(Math.max(...shares)).toBeLessThan(1.16);
    expect(events.length).toBeGreaterThan(2);
    expect(events.length).toBeLessThan(20);
    expect(supply.frequencyHz).toBeCloseTo(50, 0);
  });
});

describe("ageing", () => {
  it("of the electronics doubles every 10 K", () => {
    const age = (cel: number): number => {
      const { ageing, terminal } = benchBreaker();
      terminal.temperatureCel = cel;
      ageing.advance(3_600_000, 3_600_000);
      return ageing.electronicsHours;
    };

    expect(age(40)).toBeCloseTo(1, 9);
    expect(age(50)).toBeCloseTo(2, 9);
    expect(age(30)).toBeCloseTo(0.5, 9);
  });

  it("makes the mechanism slower with every operation and in the cold", () => {
    const { ageing, mechanism, terminal, counters } = benchBreaker();
    counters.operations = 1_000;
    terminal.temperatureCel = 0;
    ageing.advance(0, 100);

    expect(mechanism.slownessPercent).toBeCloseTo(2 + 4, 9);
    expect(ageing.indices).toEqual({ interruption: 10_000, operations: 8_571, environment: 10_000 });
  });
});

describe("a terminal", () => {
  it("settles at ambient plus its rise at rated current, with (I/In)^1.6 below", () => {
    const terminal = new Terminal(250, 25, 0);
    for (let i = 0; i < 100; i += 1) terminal.advance(600_000, 250);
    expect(terminal.temperatureCel).toBeCloseTo(25 + standardRiseK, 3);

    terminal.advance(1e9, 125);

    expect(terminal.temperatureCel).toBeCloseTo(25 + standardRiseK * 0.5 ** 1.6, 3);
  });
});

describe("wear and counters", () => {
  it("book what each pole interrupted", () => {
    const breaker = benchBreaker();
    breaker.inject({ kind: "line-line", amps: 10_000 }, 1_000);
    breaker.advanceTo(1_000);

    const [a = 0, b = 0, c = 0] = breaker.wear.percent;
    expect(a).toBeGreaterThan(1);
    expect(a).toBe(b);
    expect(c).toBe(0);
    expect(breaker.wear.interruptedKa[0]).toBe(10);
    expect(breaker.counters.operations).toBe(1);
    expect(breaker.counters.tripsByCause.get("Instantaneous")).toBe(1);
  });

  it("keep operating hours and the load histogram while closed only", () => {
    const breaker = benchBreaker({ profile: { level: 0.6, motorShare: 0, imbalance: [0, 0, 0] } });
    runSteps(breaker, 60_000);
    breaker.openByCommand();
    runSteps(breaker, 120_000);

    expect(breaker.counters.closedMs).toBeGreaterThan(59_999);
    expect(breaker.counters.closedMs).toBeLessThan(60_100);
    expect(breaker.counters.loadMs.reduce((sum, ms) => sum + ms)).toBeCloseTo(breaker.counters.closedMs, 6);
  });

  it("have three endurance points per frame, at In, 10 In and Icu", () => {
    for (const { endurance, ratedA, breakingKa } of Object.values(frames)) {
      expect(endurance.map(({ amps }) => amps)).toEqual([ratedA, 10 * ratedA, breakingKa * 1000]);
    }
  });
});
