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

  it("tell of alarms as they are and were: active, acknowledged, resolved only once the cause has gone", async () => {
    await using facade = await FacadeFixture.open();
    const { warnings } = facade.fleet.control;
    const post = (path: string) => facade.as("operator", { method: "POST", url: `/api/alarms/${path}`, payload: {} });
    const list = async (path = "") => {
      const { alarms } = (await facade.get(`/api/alarms${path}`)) as { readonly alarms: readonly { status: string }[] };
      return alarms.map(({ status }) => status);
    };
    const raise = () => {
      facade.fleet.clock.advance(1_000);
      warnings.raise({ name: "history-damaged", device: undefined, since: facade.fleet.clock.now(), text: "x" });
    };
    const id = "Server/StoreDamaged";
    raise();
    const early = await post(`${id}/resolve`);
    const acknowledged = await post(`${id}/acknowledge`);
    const during = await list();
    warnings.clear("history-damaged", undefined);
    raise();
    warnings.clear("history-damaged", undefined);
    const gone = await list();
    const cleared = await post("clear-resolved");

    expect([early.statusCode, early.json<{ code: string }>().code]).toEqual([409, "alarm-state"]);
    expect(acknowledged.json()).toEqual({ success: true, message: `${id} acknowledged` });
    expect([during, gone, await list()]).toEqual([["acknowledged"], ["resolved"], []]);
    expect(cleared.json()).toMatchObject({ success: true, count: 1 });
    expect(await list("/history")).toEqual(["resolved", "resolved"]);
    expect(await list("/history?status=active")).toEqual([]);
    expect(await facade.get("/api/alarms/history?severity=high")).toMatchObject({
      alarms: [{ acknowledged_by: "operator" }, { acknowledged_by: "operator" }],
    });
    expect((await post(`${id}/dance`)).statusCode).toBe(400);
  });

  it("know a package type that is there, and say what to use in place of what no host has", async () => {
    await using facade = await FacadeFixture.open();
    const create = (type: string) =>
      facade.as("administrator", { method: "POST", url: "/api/packages", payload: { package_type: type } });
    const known = await create("test/breaker");
    const unknown = await create("toaster");
    const schemas = await facade.get("/api/schemas/test%2Fbreaker");
    const kafka = await facade.as("viewer", { url: "/api/kafka/metrics" });
    const app = await facade.as("administrator", { method: "DELETE", url: "/api/applications/1" });

    expect(known.json()).toMatchObject({ success: true, package_id: "test/breaker@1.0.0", duplicate_prevented: true });
    expect([unknown.statusCode, unknown.json<{ code: string }>().code]).toEqual([400, "argument-invalid"]);
    expect(schemas).toMatchObject({ success: true, data: { latest: "1.0.0", versions: ["1.0.0"] } });
    for (const answer of [kafka, app]) {
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([501, "not-offered"]);
    }
    expect(kafka.json<{ error: string }>().error).toContain("GET /metrics");
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
