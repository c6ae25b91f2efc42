import { describe, expect, it } from "vitest";
import { parseRunOptions, UsageError } from "#simulator/cli/options.ts";
import { applyControl } from "#simulator/fleet/control-topic.ts";
import { durationMs, signedDurationMs } from "#simulator/fleet/duration.ts";
import { planDevices } from "#simulator/fleet/plan.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { ManualClock, RunningClock } from "#simulator/fleet/simulation-clock.ts";
import { World } from "#simulator/fleet/world.ts";
import { Random } from "#simulator/random.ts";

function device(): SimulatedDevice {
  const clock = new ManualClock(Date.UTC(2026, 0, 5, 9));
  const world = new World({ devices: planDevices(1, 1, "sparkplug"), random: new Random("1"), clock, stepMs: 100 });
  const found = world.devices.get("CB-0001");
  if (found === undefined) throw new Error("no device");
  return found;
}

function tell(to: SimulatedDevice, action: object): string | undefined {
  return applyControl(to, Buffer.from(JSON.stringify(action)));
}

describe("the control topic", () => {
  it("does what it is told", () => {
    const target = device();
    const { breaker } = target;

    expect(tell(target, { behaviour: "silent" })).toBeUndefined();
    expect(tell(target, { fault: "overload", amps: 900, seconds: 30 })).toBeUndefined();
    expect(tell(target, { cradle: "test" })).toBeUndefined();
    expect(tell(target, { local: true })).toBeUndefined();
    expect(tell(target, { settings: { ThermalPickup: 200 } })).toBeUndefined();
    expect(tell(target, { impair: { drop: 0.5 } })).toBeUndefined();
    expect(tell(target, { clock: { skew: "-2 min", driftPpm: 1000 } })).toBeUndefined();
    expect(tell(target, { degrade: "bad-joint", perDay: 1 })).toBeUndefined();
    expect(tell(target, { comms: "lost" })).toBeUndefined();

    expect(target).toMatchObject({ isSilent: true, isLost: true, impairment: { drop: 0.5 } });
    expect(breaker).toMatchObject({ cradle: 2, isLocal: true, settings: { ThermalPickup: 200 } });
    expect(breaker.readings.maxA).toBeCloseTo(900, -1);
    expect(target.epochMs(60_000)).toBe(Date.UTC(2026, 0, 5, 8, 59) + 60);
  });

  it.each([
    [{}, "action: expected one of fault, supply"],
    [{ fault: "bolt" }, 'fault: "bolt" is unknown (expected overload, bolted'],
    [{ fault: "bolted", amp: 3 }, "amp: is unknown here (expected fault, amps, metres, seconds)"],
    [{ fault: "bolted", amps: -3 }, "amps: -3 is not a number from 0.001 to 200000"],
    [{ fault: "bolted", seconds: "soon" }, 'seconds: "soon" is no duration above 0'],
    [{ behaviour: "loud" }, 'behaviour: "loud" is unknown (expected silent, normal)'],
    [{ settings: { Colour: 1 } }, "settings.Colour: is no setting of a breaker"],
    [{ settings: { ThermalPickup: 900 } }, "ThermalPickup 900 A is above 250 A"],
    [{ command: "close" }, "the breaker is closed"],
    [{ load: 3 }, "load: 3 is not a number from 0 to 1.2"],
  ])("answers %j with what is wrong", (action, problem) => {
    expect(tell(device(), action)).toContain(problem);
  });

  it("refuses what is no JSON object", () => {
    for (const text of ["", "7", "[]", "null", "{"])
      expect(applyControl(device(), Buffer.from(text))).toBe("not a JSON object");
  });
});

describe("durations", () => {
  it.each([
    [30, 30_000],
    ["250 ms", 250],
    ["1.5s", 1_500],
    ["2 min", 120_000],
    ["6 h", 21_600_000],
    ["365 d", 31_536_000_000],
    ["2 weeks", undefined],
    [-1, undefined],
    [null, undefined],
  ])("%j", (value, ms) => {
    expect(durationMs(value)).toBe(ms);
  });

  it("may be negative where an offset is meant", () => {
    expect(signedDurationMs("-2 min")).toBe(-120_000);
    expect(signedDurationMs(-3)).toBe(-3_000);
    expect(signedDurationMs("--3 s")).toBeUndefined();
  });
});

describe("the running clock", () => {
  it("runs as fast as told and leaves out the time that the machine slept, but not on the calendar", () => {
    let realMs = 1_000;
    const clock = new RunningClock(5_000_000, 10, () => realMs);

    realMs += 2_000;
    expect(clock.nowMs()).toBe(20_000);
    realMs += 3_600_000;
    expect(clock.nowMs()).toBe(20_000);
    expect(clock.epochOf(20_000)).toBe(5_000_000 + 20_000 + 36_000_000);
    realMs += 100;
    expect(clock.nowMs()).toBe(21_000);
  });
});

describe("the command line", () => {
  it("has defaults for everything", () => {
    expect(parseRunOptions([], {})).toMatchObject({
      devices: 12,
      protocol: "sparkplug",
      brokerUrl: "mqtt://127.0.0.1:1883",
      group: "Demo",
      periodMs: 1_000,
      messagesPerS: undefined,
      isDemoEvent: false,
    });
  });

  it.each([
    [["--devices", "0"], "--devices 0: expected a whole number from 1 to 9999"],
    [["--protocol", "modbus"], "--protocol modbus: expected sparkplug, json, lwm2m, lwm2m-oma, mixed, all"],
    [["--broker", "localhost"], "--broker localhost: expected an address such as mqtt://127.0.0.1:1883"],
    [["--group", "a/b"], "--group a/b: must not be empty or contain + # /"],
    [["--password-env", "NOPE"], "--password-env NOPE: the variable is not set"],
    [["--start", "yesterday"], "--start yesterday: expected a date and time"],
    [["--colour", "red"], "Unknown option '--colour'"],
  ])("refuses %j", (args, message) => {
    expect(() => parseRunOptions(args, {})).toThrow(UsageError);
    expect(() => parseRunOptions(args, {})).toThrow(message);
  });
});
