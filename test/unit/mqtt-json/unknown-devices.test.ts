import { describe, expect, it } from "vitest";
import { defaultOnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import { wireType } from "../../support/wire-package.ts";
import { JsonBench } from "./json-peer.ts";

const auto = { ...defaultOnboardingPolicy, mode: "auto" } as const;
const manual = { ...defaultOnboardingPolicy, mode: "manual" } as const;
const by = { user: "anna", roles: ["administrator" as const], origin: "test" };

describe("a JSON device without a package", () => {
  it("is taken in with what it measures, and with what it measures later", async () => {
    const bench = await JsonBench.open([], { policy: auto });
    bench.publish("iot/tank-1/raw", { device_id: "tank-1", measurements: { level: { left: 1.5, unit: "m" } } });
    expect(bench.fleet.value("tank-1", "level.left").value).toBe(1.5);

    const later = { device_id: "tank-1", measurements: { level: { left: 1.6 }, valve: true } };
    bench.publish("iot/tank-1/raw", later);
    bench.publish("iot/tank-1/raw", later);

    expect(bench.fleet.value("tank-1", "valve").value).toBe(true);
    expect(bench.fleet.value("tank-1", "level.left").value).toBe(1.6);
    expect(bench.balance).toEqual([3, 3, 0]);
  });

  it("collects what comes on a topic for each metric", async () => {
    const bench = await JsonBench.open([], { policy: auto });
    for (let i = 0; i < 3; i += 1) {
      bench.publishText("sensors/weather-1/wind", `${i}`);
      bench.publishText("sensors/weather-1/rain", `${i}.5`);
      bench.clock.advance(11_000);
    }

    expect(bench.fleet.value("weather-1", "wind").value).toBe(2);
    expect(bench.fleet.value("weather-1", "rain").value).toBe(2.5);
  });

  it("waits for an operator with its type and what it offers, and is there with its next message once accepted", async () => {
    const bench = await JsonBench.open(undefined, { policy: manual });
    const telemetry = { current: { phase_a: 12 }, temperature: 31 };
    bench.telemetry(telemetry);

    const [waiting] = bench.fleet.onboarding.list();
    expect(waiting).toMatchObject({ name: "CB-1", protocol: "json", declaredType: wireType });
    bench.fleet.onboarding.accept({ key: "CB-1", by });
    bench.telemetry(telemetry);

    expect(bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(12);
    expect(bench.fleet.state("CB-1")).toBe("online");
  });
});
