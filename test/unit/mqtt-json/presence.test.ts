import { describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { wireType } from "../../support/wire-package.ts";
import { settle } from "../transport-shared/memory-broker.ts";
import { JsonBench } from "./json-peer.ts";

async function reporting(): Promise<JsonBench> {
  const bench = await JsonBench.open();
  bench.telemetry({ current: { phase_a: 10 }, status: { switch_position: 2 } });
  return bench;
}

const status = (online: boolean): object => ({ device_id: "CB-1", device_type: wireType, status: { online } });

describe("presence of a JSON device", () => {
  it("is online from its first telemetry, stale after 30 s of silence, online again with the next message", async () => {
    const bench = await reporting();
    expect(bench.fleet.state("CB-1")).toBe("online");

    bench.clock.advance(31_000);
    expect(bench.fleet.state("CB-1")).toBe("stale");
    expect(bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({
      value: 10,
      quality: Quality.uncertainLastUsable,
    });
    expect(bench.fleet.value("CB-1", "Position").quality).toBe(Quality.badNoCommunication);

    bench.telemetry({ current: { phase_a: 11 } });
    expect(bench.fleet.state("CB-1")).toBe("online");
    expect(bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({ value: 11, quality: Quality.good });
  });

  it("is as patient as the rhythm of its type asks for", async () => {
    const bench = await JsonBench.open();
    bench.publish("iot/M-1/raw", { device_type: "smart_meter", measurements: { energy: 5 } });

    bench.clock.advance(179_000);
    expect(bench.fleet.state("M-1")).toBe("online");
    bench.clock.advance(3_000);
    expect(bench.fleet.state("M-1")).toBe("stale");
  });

  it("does not blame a device for time in which the host itself stood still", async () => {
    const bench = await reporting();
    bench.clock.advance(20_000);
    // A blocked loop: the clock is far ahead before any timer runs.
    bench.clock.jump(60_000);

    bench.clock.advance(5_000);
    expect(bench.fleet.state("CB-1")).toBe("online");

    bench.clock.advance(10_000);
    expect(bench.fleet.state("CB-1")).toBe("stale");
  });

  it("is offline when the device or its Will says so", async () => {
    const bench = await reporting();

    bench.publish("iot/CB-1/status", status(false));

    expect(bench.fleet.state("CB-1")).toBe("offline");
    expect(bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.uncertainLastUsable);
  });

  it("is not made online by what the broker kept from before", async () => {
    const bench = await JsonBench.open();

    bench.publish("iot/CB-1/status", status(true), true);
    expect(bench.fleet.state("CB-1")).toBe("unknown");

    bench.publish("iot/CB-1/status", status(false), true);
    expect(bench.fleet.state("CB-1")).toBe("offline");
  });

  it("is stale while the broker is away, with the next attempt known", async () => {
    const bench = await reporting();

    bench.broker.cut("connection reset");

    const device = bench.fleet.device("CB-1");
    expect(bench.fleet.presence.of(device)).toMatchObject({
      state: "stale",
      reason: "broker connection lost: connection reset",
      lastSeen: bench.clock.now(),
    });
    expect(bench.fleet.presence.nextRetry(device)).toBe(bench.clock.now() + 500);
    bench.clock.advance(600);
    await settle();
    bench.telemetry({ current: { phase_a: 12 } });
    expect(bench.fleet.state("CB-1")).toBe("online");
  });
});
