import { beforeEach, describe, expect, it } from "vitest";
import { AddCause } from "#simulator/breaker/add-cause.ts";
import { BurstRhythm } from "#simulator/json/burst-rhythm.ts";
import { JsonSpeaker } from "#simulator/json/json-speaker.ts";
import { TrendWindow } from "#simulator/json/trend-window.ts";
import { Random } from "#simulator/random.ts";
import { benchBreaker } from "./support/bench-breaker.ts";
import { TalkingDevice } from "./support/talking-device.ts";

let talk: TalkingDevice;

beforeEach(() => {
  talk = new TalkingDevice((device, context) => new JsonSpeaker(device, new Random("1"), context));
});

describe("JSON telemetry", () => {
  it("has the documented shape, with units and watts", () => {
    talk.speaker.reportAll(talk.device);

    const { readings } = talk.device.breaker;
    expect(talk.takeJson("iot/CB-0001/raw")[0]).toMatchObject({
      device_id: "CB-0001",
      device_type: "fdi-host/lsig-mccb",
      timestamp: "2026-01-05T09:00:00.000Z",
      event_type: "telemetry",
      measurements: {
        voltage: { phase_a: expect.closeTo(readings.voltagesV[0] ?? 0, 2) as number, unit: "V" },
        power: { active: expect.closeTo(readings.activeKw * 1000, 0) as number, unit: "W" },
        status: { breaker: 1, position: 1, communication: 1 },
        protection: { trip_count: 0, arc_fault_detected: false },
      },
    });
  });

  it("stops while communication is lost and announces itself when it is back", () => {
    talk.device.setLost(true);
    talk.speaker.reportAll(talk.device);
    expect(talk.takeTopics()).toEqual([]);

    talk.device.setLost(false);
    talk.speaker.connected();

    const [status, raw] = talk.take();
    expect(status).toMatchObject({ topic: "iot/CB-0001/status", retain: true });
    expect(JSON.parse(status?.payload.toString("utf8") ?? "")).toMatchObject({ status: { online: true } });
    expect(raw?.topic).toBe("iot/CB-0001/raw");
  });

  it("leaves a Will that says offline", () => {
    const will = talk.speaker.will?.();

    expect(will).toMatchObject({ topic: "iot/CB-0001/status", retain: true });
    expect(JSON.parse(will?.payload.toString("utf8") ?? "")).toMatchObject({ status: { online: false } });
  });
});

describe("settings and nameplate", () => {
  it("travel with the first message and whenever a setting changed", () => {
    const measurements = (): unknown => {
      talk.speaker.reportAll(talk.device);
      return talk.takeJson("iot/CB-0001/raw")[0];
    };

    expect(measurements()).toHaveProperty("measurements.identification.rated_current", 250);
    expect(measurements()).not.toHaveProperty("measurements.settings");
    talk.device.write("ShortTimeI2t", 1);
    expect(measurements()).toHaveProperty("measurements.settings.short_time_i2t", true);
  });
});

describe("trends", () => {
  it("are the mean, minimum, maximum and last value of what was measured, as texts", () => {
    const breaker = benchBreaker();
    const window = new TrendWindow();
    for (const amps of [10, 30, 20]) {
      breaker.inject({ kind: "overload", amps }, 1_000);
      window.add(breaker);
    }

    const trend = window.close(1_773_042_073_900).find(({ c }) => c === "current_phase_a");

    expect(trend).toEqual({
      c: "current_phase_a",
      t: 1_773_042_073,
      v: "20.000",
      avg: "20.000",
      min: "10.000",
      max: "30.000",
    });
    expect(window.close(0)).toEqual([]);
  });
});

describe("the rhythm", () => {
  it("is a burst of 3 to 6 messages with trends and status in a quarter of the cases, else one message", () => {
    const rhythm = new BurstRhythm(new Random("7"));
    const groups: number[] = [];
    let inGroup = 0;
    let bursts = 0;
    for (let i = 0; i < 4_000; i += 1) {
      const { sends, waitMs } = rhythm.next();
      inGroup += 1;
      if (waitMs === 200) continue;
      expect(waitMs).toBeGreaterThanOrEqual(3_000);
      expect(waitMs).toBeLessThanOrEqual(8_000);
      if (inGroup > 1) {
        bursts += 1;
        expect(sends).toEqual(["raw", "trends", "status"]);
      }
      groups.push(inGroup);
      inGroup = 0;
    }

    expect(new Set(groups)).toEqual(new Set([1, 3, 4, 5, 6]));
    expect(bursts / groups.length).toBeCloseTo(0.25, 1);
  });
});

describe("a JSON command", () => {
  it("trips the breaker, is answered where it asked with its id, and the open state follows", () => {
    talk.hear("iot/CB-0001/command", {
      command: "trip_breaker",
      parameters: { reason: "test" },
      correlation_id: "42",
      reply_to: "hosts/a/replies",
    });
    expect(talk.takeJson("hosts/a/replies")).toMatchObject([{ correlation_id: "42", accepted: true, result: 0 }]);

    talk.pass(100);
    talk.speaker.reportChanges(talk.device);

    expect(talk.takeJson("iot/CB-0001/raw")).toMatchObject([
      { measurements: { status: { breaker: 0, switch_position: 1 } } },
    ]);
  });

  it("that the breaker refuses is answered with the reason", () => {
    talk.hear("iot/CB-0001/command", { command: "close_breaker" });

    expect(talk.takeJson("iot/CB-0001/reply")).toMatchObject([
      { accepted: false, result: AddCause.positionReached, reason: "the breaker is closed" },
    ]);
  });

  it("writes a parameter by its snake_case name and reports the settings with the next telemetry", () => {
    talk.hear("iot/CB-0001/config", { command: "set_parameter", parameter: "thermal_pickup", value: 180 });
    const [reply, raw] = talk.take().map(({ payload }): unknown => JSON.parse(payload.toString("utf8")));
    expect(reply).toMatchObject({ accepted: true, parameter: "thermal_pickup" });
    expect(raw).toMatchObject({ measurements: { settings: { thermal_pickup: 180, protection_enabled: true } } });

    talk.hear("iot/CB-0001/config", { command: "set_parameter", parameter: "ThermalPickup", value: 999 });
    expect(talk.takeJson("iot/CB-0001/reply")).toMatchObject([
      { accepted: false, reason: "ThermalPickup 999 A is above 250 A" },
    ]);
  });

  it("set_trip_threshold sets the long-time pickup", () => {
    talk.hear("iot/CB-0001/command", { command: "set_trip_threshold", parameters: { threshold: 150 } });

    expect(talk.device.breaker.settings.ThermalPickup).toBe(150);
  });

  it.each(["not json", "[1]", '{"command":"explode"}', '{"command":7}'])("%s changes nothing", (text) => {
    talk.hear("iot/CB-0001/command", text);

    expect(talk.device.breaker.mechanism.isMoving).toBe(false);
  });

  it("is ignored by a silent device", () => {
    talk.device.isSilent = true;
    talk.hear("iot/CB-0001/command", { command: "trip_breaker" });

    expect(talk.takeTopics()).toEqual([]);
    expect(talk.device.breaker.mechanism.isMoving).toBe(false);
  });
});
