import { describe, expect, it } from "vitest";
import { AddCause } from "#simulator/breaker/add-cause.ts";
import { type Breaker, Cradle } from "#simulator/breaker/breaker.ts";
import { execute } from "#simulator/breaker/control.ts";
import { frames } from "#simulator/breaker/frame.ts";
import { Position } from "#simulator/breaker/mechanism.ts";
import { TestResult } from "#simulator/breaker/test-bench.ts";
import { benchBreaker, runSteps } from "./support/bench-breaker.ts";

function open(breaker: Breaker): Breaker {
  execute(breaker, { kind: "trip" });
  breaker.advanceTo(breaker.timeMs + 100);
  return breaker;
}

const close = (breaker: Breaker, client = "a") => execute(breaker, { kind: "close", client });
const select = (breaker: Breaker, client = "a") => execute(breaker, { kind: "select", client });

describe("Close with select-before-operate", () => {
  const sbo = (): Breaker => open(benchBreaker({ settings: { CloseControlModel: 4 } }));

  it("is refused as not-selected without a selection", () => {
    expect(close(sbo()).addCause).toBe(AddCause.notSelected);
  });

  it("works once for the client that selected", () => {
    const breaker = sbo();

    expect(select(breaker).addCause).toBe(AddCause.accepted);
    expect(breaker.selection.lastId).toBe(1);
    expect(close(breaker).addCause).toBe(AddCause.accepted);
    breaker.advanceTo(breaker.timeMs + 100);

    expect(breaker.mechanism.position).toBe(Position.closed);
    expect(close(open(breaker)).addCause).toBe(AddCause.notSelected);
  });

  it("tells a second client who holds the selection", () => {
    const breaker = sbo();
    select(breaker, "a");

    expect(select(breaker, "a").addCause).toBe(AddCause.alreadySelected);
    expect(select(breaker, "b")).toEqual({ addCause: AddCause.lockedByOtherClient, reason: "selected by a" });
    expect(close(breaker, "b").addCause).toBe(AddCause.lockedByOtherClient);
  });

  it("lapses after 30 s and can be cancelled", () => {
    const breaker = sbo();
    select(breaker);
    breaker.advanceTo(breaker.timeMs + 30_001);
    expect(close(breaker).addCause).toBe(AddCause.timeLimitOver);

    select(breaker);
    execute(breaker, { kind: "cancel", selectId: breaker.selection.lastId });
    expect(close(breaker).addCause).toBe(AddCause.notSelected);
  });
});

describe("interlocks of Close", () => {
  it.each([
    ["local control", (b: Breaker) => Object.assign(b, { isLocal: true }), AddCause.blockedByMode],
    ["a closed earthing switch", (b: Breaker) => Object.assign(b, { isEarthed: true }), AddCause.interlocking],
    [
      "a hot thermal image",
      (b: Breaker) => Object.assign(b.protection.thermal, { level: 0.95 }),
      AddCause.interlocking,
    ],
    ["the control model status-only", (b: Breaker) => Object.assign(b.settings, { CloseControlModel: 0 }), 1],
  ] as const)("%s", (_name, block, addCause) => {
    const breaker = open(benchBreaker());
    block(breaker);

    expect(close(breaker).addCause).toBe(addCause);
  });

  it("a movement in progress answers already-in-execution", () => {
    const breaker = benchBreaker();
    execute(breaker, { kind: "trip" });

    expect(close(breaker).addCause).toBe(AddCause.alreadyInExecution);
  });

  it("a stuck mechanism ends in the bad position and blocks by health", () => {
    const breaker = benchBreaker();
    breaker.mechanism.isStuck = true;
    execute(breaker, { kind: "trip" });
    breaker.advanceTo(1_000);

    expect(breaker.mechanism.position).toBe(Position.bad);
    expect(breaker.readings.voltagesV[0]).toBeGreaterThan(0);
    expect(close(breaker).addCause).toBe(AddCause.blockedByHealth);
  });
});

it("Trip pre-empts a Close that is still moving", () => {
  const breaker = open(benchBreaker());
  close(breaker);
  breaker.advanceTo(breaker.timeMs + 20);

  execute(breaker, { kind: "trip" });
  breaker.advanceTo(breaker.timeMs + 500);

  expect(breaker.mechanism.position).toBe(Position.open);
});

describe("Reset", () => {
  function trippedBreaker(): Breaker {
    const breaker = benchBreaker();
    breaker.inject({ kind: "overload", amps: 900 }, 60_000);
    breaker.advanceTo(60_000);
    return breaker;
  }

  it("Full releases the latch and the thermal memory but keeps the counters", () => {
    const breaker = trippedBreaker();
    execute(breaker, { kind: "reset", resetType: "Full" });

    expect(breaker.isTripped).toBe(false);
    expect(breaker.protection.thermal.level).toBeLessThan(0.5);
    expect(breaker.counters.trips).toBe(1);
  });

  it("Alarms releases the latch but not the thermal memory", () => {
    const breaker = trippedBreaker();
    const before = breaker.protection.thermal.level;
    execute(breaker, { kind: "reset", resetType: "Alarms" });

    expect(breaker.isTripped).toBe(false);
    expect(breaker.protection.thermal.level).toBe(before);
  });

  it("Counters clears the trip counter and the last trip, the latch stays", () => {
    const breaker = trippedBreaker();
    execute(breaker, { kind: "reset", resetType: "Counters" });

    expect(breaker.counters.trips).toBe(0);
    expect(breaker.lastTrip).toBeUndefined();
    expect(breaker.isTripped).toBe(true);
  });

  it("of an unknown type is refused with the known ones", () => {
    expect(execute(benchBreaker(), { kind: "reset", resetType: "All" })).toEqual({
      addCause: AddCause.inconsistentParameters,
      reason: 'ResetType "All" is none of Full, Alarms, Counters, Lockout, ThermalMemory',
    });
  });
});

describe("built-in tests", () => {
  const test = (
    breaker: Breaker,
    name: "SelfTest" | "ProtectionTest" | "CommunicationTest",
    more: { element?: string; level?: number; noTrip?: boolean } = {},
  ) => execute(breaker, { kind: "test", test: name, element: "", level: undefined, noTrip: false, ...more });

  it("SelfTest runs through its steps and passes on a healthy breaker", () => {
    const breaker = benchBreaker();

    test(breaker, "SelfTest");
    expect(breaker.tests.selfTestResult).toBe(TestResult.running);
    runSteps(breaker, 5_000);

    expect(breaker.tests.selfTestResult).toBe(TestResult.passed);
    expect(breaker.tests.report.map(({ step }) => step)).toEqual([
      "HardwareCheck",
      "GroundFaultTest",
      "CommunicationTest",
      "CalibrationCheck",
    ]);
  });

  it("SelfTest fails when the mechanism has become slow", () => {
    const breaker = benchBreaker();
    breaker.mechanism.slownessPercent = 250;
    open(breaker);
    breaker.advanceTo(1_000);

    test(breaker, "SelfTest");
    runSteps(breaker, 10_000);

    expect(breaker.tests.selfTestResult).toBe(TestResult.failed);
    expect(breaker.tests.report.filter(({ passed }) => !passed).map(({ step }) => step)).toContain("HardwareCheck");
  });

  it("SelfTest fails while a link is down", () => {
    const breaker = benchBreaker();
    breaker.tests.links = () => [{ name: "Sparkplug", isUp: false, roundTripMs: undefined }];

    test(breaker, "SelfTest");
    runSteps(breaker, 5_000);

    expect(breaker.tests.selfTestResult).toBe(TestResult.failed);
  });

  it.each(Object.values(frames))("ProtectionTest of $name measures every element inside its band", (frame) => {
    const breaker = open(benchBreaker({ frame }));

    test(breaker, "ProtectionTest");
    runSteps(breaker, 60_000);

    expect(breaker.tests.report).toHaveLength(4);
    for (const step of breaker.tests.report) {
      expect(step, step.step).toMatchObject({ passed: true, unit: "ms" });
      expect(step.measured).toBeGreaterThanOrEqual(step.expected[0]);
      expect(step.measured).toBeLessThanOrEqual(step.expected[1]);
    }
  });

  it("ProtectionTest takes as long as the injected current needs", () => {
    const breaker = open(benchBreaker());
    const startMs = breaker.timeMs;

    test(breaker, "ProtectionTest", { element: "Thermal", level: 6 });
    runSteps(breaker, startMs + 7_900);
    expect(breaker.tests.isRunning).toBe(true);
    runSteps(breaker, startMs + 8_200);

    expect(breaker.tests.isRunning).toBe(false);
    expect(breaker.tests.report[0]?.measured).toBeCloseTo(8_012, -2);
  });

  it("ProtectionTest is refused on a closed breaker unless nothing may move or the cradle is in test position", () => {
    const breaker = benchBreaker();

    expect(test(breaker, "ProtectionTest").addCause).toBe(AddCause.interlocking);
    expect(test(breaker, "ProtectionTest", { noTrip: true }).addCause).toBe(AddCause.accepted);
    expect(test(breaker, "SelfTest").addCause).toBe(AddCause.alreadyInExecution);
    execute(breaker, { kind: "abort-test" });
    breaker.cradle = Cradle.test;
    expect(test(breaker, "ProtectionTest").addCause).toBe(AddCause.accepted);
  });

  it("CommunicationTest reports every link with its round trip", () => {
    const breaker = benchBreaker();
    breaker.tests.links = () => [
      { name: "Sparkplug", isUp: true, roundTripMs: 12 },
      { name: "LwM2M", isUp: true, roundTripMs: 4_000 },
    ];

    test(breaker, "CommunicationTest");
    runSteps(breaker, 5_000);

    expect(breaker.tests.report.map(({ step, passed, measured }) => [step, passed, measured])).toEqual([
      ["SparkplugTest", true, 12],
      ["LwM2MTest", false, 4_000],
    ]);
  });
});
