import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

describe("routes of the platforms before", () => {
  it("show devices and their measurements in the documented shapes", async () => {
    await using facade = await FacadeFixture.open();
    facade.fleet.sample("CurrentPhaseA", 41.5);

    const list = await facade.get("/api/devices");
    const device = await facade.get("/api/devices/CB-1");

    expect(list).toMatchObject({
      success: true,
      total: 1,
      devices: [{ device_id: "CB-1", device_type: "test/breaker", protocol: "sparkplug", status: "active" }],
    });
    expect(device).toMatchObject({
      success: true,
      device: {
        live_measurements: { current_phase_a: 41.5, position: 2 },
        fdi_mapping: { current_phase_a: { access: "read_only", fdi_parameter: "CurrentPhaseA" } },
      },
    });
  });

  it("answer a command with the device's result, and a failure in their own form", async () => {
    await using facade = await FacadeFixture.open();
    facade.fleet.transport.onSend = () => facade.fleet.sample("Position", 1);
    const command = (word: unknown) =>
      facade.as("operator", { method: "POST", url: "/api/devices/CB-1/command", payload: { command: word } });

    const trip = await command("trip");
    const unknown = await command("dance");
    const missing = await facade.as("operator", { method: "POST", url: "/api/devices/CB-1/command", payload: {} });

    expect(trip.json()).toMatchObject({ success: true, result: "confirmed" });
    expect([unknown.statusCode, missing.statusCode]).toEqual([404, 400]);
    expect(unknown.json()).toMatchObject({
      success: false,
      code: "command-unknown",
      error: 'CB-1 has no command "dance"',
    });
  });

  it("invent nothing: no grid unit, no rows; no store, 503", async () => {
    await using facade = await FacadeFixture.open();

    const analytics = await facade.get("/analytics?interval=weekly&days=14");
    const timescale = "/api/timescale/analytics?device_id=CB-1&metric=current_phase_a";
    const stored = await facade.get(`${timescale}&timeframe=1h`);
    const down = await facade.as("viewer", { url: timescale });

    expect(analytics).toEqual({ interval: "weekly", days: 14, data: [] });
    expect(stored).toMatchObject({
      success: true,
      data: [],
      query: { data_points: 0 },
      message: "no data of CurrentPhaseA in the last 1h",
    });
    expect([down.statusCode, down.json<{ code: string }>().code]).toEqual([503, "history-unavailable"]);
  });
});
