import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planDevices } from "#simulator/fleet/plan.ts";
import { demoDevice, demoEvents, withDemoSettings } from "#simulator/scenario/demo-event.ts";
import { playOffline } from "#simulator/scenario/play.ts";
import { readScenario } from "#simulator/scenario/read-scenario.ts";
import type { Scenario } from "#simulator/scenario/scenario.ts";
import { TruthLog } from "#simulator/scenario/truth-log.ts";

const folder = new URL("../../../simulator/scenarios/", import.meta.url);
const nowMs = Date.UTC(2026, 0, 5, 9);

function shipped(file: string): Scenario {
  const { scenario, problems } = readScenario(readFileSync(new URL(file, folder), "utf8"), nowMs);
  expect(problems).toEqual([]);
  if (scenario === undefined) throw new Error(`${file} cannot be played`);
  return scenario;
}

function problemsOf(...lines: string[]): string[] {
  const text = ["name: test", "duration: 60 s", "devices: 2", ...lines].join("\n");
  return readScenario(text, nowMs).problems.map(({ line, message }) => `${line}: ${message}`);
}

describe("the shipped scenarios", () => {
  it.each(readdirSync(folder))("%s comes true", (file) => {
    const { findings } = playOffline(shipped(file));

    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ isMet }) => !isMet)).toEqual([]);
  });

  it("give the same trips every time for one seed, others for another", () => {
    const trips = (seed: string): unknown[] => {
      const { world } = playOffline({ ...shipped("bolted-fault.yaml"), seed });
      return [...world.devices.values()].map(({ breaker }) => breaker.lastTrip);
    };

    expect(trips("1")).toEqual(trips("1"));
    expect(trips("1")).not.toEqual(trips("2"));
  });
});

describe("a scenario that did not come true", () => {
  it("says for each expectation what was found", () => {
    const text = [
      "name: test",
      "duration: 5 s",
      "events:",
      "  - { at: 1, device: CB-0001, command: close }",
      "expect:",
      "  - { device: CB-0001, trips: 1, reason: Thermal, position: open }",
    ].join("\n");
    const { scenario } = readScenario(text, nowMs);
    const findings = scenario === undefined ? [] : playOffline(scenario).findings;

    expect(findings.map(({ line, text: found, isMet }) => [line, found, isMet])).toEqual([
      [4, "refused: the breaker is closed", false],
      [6, "trips 1, found 0", false],
      [6, "trip by Thermal, found none", false],
      [6, "position open, found closed", false],
    ]);
  });
});

describe("an impossible scenario is refused with the line", () => {
  it.each([
    ["a device outside the fleet", ["events:", "  - { at: 1, device: CB-0009, fault: bolted }"], 5, "CB-0009"],
    ["an event after the end", ["events:", "  - { at: 61 s, device: all, fault: bolted }"], 5, "over"],
    ["an unknown action", ["events:", "  - { at: 1, device: all, explode: true }"], 5, "expected one of"],
    ["two actions at once", ["events:", "  - { at: 1, device: all, load: 1, ambient: 20 }"], 5, "only one action"],
    ["an unknown fault", ["events:", "  - at: 1", "    device: all", "    fault: bolt"], 7, '"bolt" is unknown'],
    ["a current above Icu", ["events:", "  - { at: 1, device: CB-0001, fault: bolted, amps: 40000 }"], 5, "36 kA"],
    ["a series arc without AFDD", ["events:", "  - { at: 1, device: CB-0001, fault: series-arc }"], 5, "no series arc"],
    ["a setting out of range", ["breakers:", "  CB-0001:", "    settings: { ThermalPickup: 900 }"], 6, "above 250 A"],
    [
      "settings that cannot work together",
      ["events:", "  - { at: 1, device: CB-0002, settings: { OvercurrentPickup: 200 } }"],
      5,
      "must be above",
    ],
    ["a breaker outside the fleet", ["breakers:", "  CB-0007: {}"], 5, "there is no CB-0007"],
    [
      "a fault on top of another",
      ["events:", "  - { at: 1, device: all, fault: ground }", "  - { at: 9, device: CB-0001, fault: arc }"],
      6,
      "still has a fault",
    ],
    [
      "an expectation after the end",
      ["expect:", "  - { device: CB-0001, reason: Thermal, between: [70 s, 80 s] }"],
      5,
      "ends at 60 s",
    ],
    ["a reason without a trip", ["expect:", "  - { device: CB-0001, trips: 0, reason: Thermal }"], 5, "impossible"],
    ["an unknown member", ["colour: red"], 4, "colour is unknown"],
    ["a wrong type", ["acceleration: fast"], 4, "is not a number"],
    ["a duration of nothing", ["events:", "  - { at: soon, device: all, load: 1 }"], 5, "must be a time"],
    ["text that is not YAML", ["events: [", "  - }"], 5, ""],
  ])("%s", (_name, lines, line, text) => {
    const problems = problemsOf(...lines);

    expect(problems.length).toBeGreaterThan(0);
    expect(
      problems.some((problem) => problem.startsWith(`${line}: `) && problem.includes(text)),
      problems.join(),
    ).toBe(true);
  });

  it("tells all problems at once, in the order of their lines", () => {
    const problems = problemsOf("seed: 1", "period: never", "events:", "  - { at: 1, device: nobody, load: 7 }");

    expect(problems.map((problem) => Number(problem.split(":")[0]))).toEqual([5, 7, 7]);
  });

  it("needs a name and a duration", () => {
    expect(readScenario("devices: 1", nowMs).problems.map(({ message }) => message)).toEqual([
      "name is missing",
      "duration is missing",
    ]);
  });
});

describe("the demo event", () => {
  it("is a trip, an alarm and a reclosure within two minutes, whatever the seed and the hour", () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const plans = withDemoSettings(planDevices(3, 1, "sparkplug"));
      const scenario: Scenario = {
        ...shipped("overload.yaml"),
        seed: String(seed),
        startEpochMs: nowMs + seed * 10_800_000,
        durationMs: 120_000,
        devices: plans,
        events: demoEvents(plans),
        expectations: [],
      };
      const { world } = playOffline(scenario);
      const breaker = world.devices.get(demoDevice(plans)?.id ?? "")?.breaker;

      expect(breaker?.counters.trips, `seed ${seed}`).toBe(1);
      expect(breaker?.lastTrip?.reason).toBe("Thermal");
      expect(breaker?.mechanism.position, `seed ${seed}`).toBe(2);
      expect(breaker?.recloser.state, `seed ${seed}`).toBe("ready");
    }
  });
});

describe("degradation", () => {
  it("writes a ground truth that the temperatures bear out", () => {
    const lines: { device: string; kind: string; size: number; failsAt: string; temperatureCel: number }[] = [];
    const truth = new TruthLog((line) => lines.push(JSON.parse(line) as (typeof lines)[number]));
    playOffline({ ...shipped("bad-joint-year.yaml"), stepMs: 3_600_000 }, (world) =>
      truth.look(world, world.clock.nowMs()),
    );

    const joint = lines.filter(({ kind }) => kind === "bad-joint");
    expect(joint.length).toBeGreaterThan(300);
    expect(joint.at(-1)?.size).toBeCloseTo(305 * 0.12, 0);
    expect(new Set(joint.map(({ failsAt }) => failsAt)).size).toBe(1);
    const mean = (part: typeof joint): number =>
      part.reduce((sum, { temperatureCel }) => sum + temperatureCel, 0) / part.length;
    expect(mean(joint.slice(-30)) - mean(joint.slice(0, 30))).toBeGreaterThan(10);
  });
});
