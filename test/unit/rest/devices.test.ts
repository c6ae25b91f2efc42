import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

describe("devices, parameters and commands over HTTP", () => {
  it("lists devices filtered, sorted and a page at a time", async () => {
    await using facade = await FacadeFixture.open();
    for (const name of ["CB-3", "CB-2", "XX-1"]) facade.fleet.announce(name, `G/N/${name}`);

    const list = await facade.get("/api/v1/devices?search=cb-&order=desc&pageSize=2");
    const online = await facade.get("/api/v1/devices?presence=online,stale");
    const closed = await facade.get("/api/v1/devices?position=closed");

    expect(list).toMatchObject({ total: 3, items: [{ id: "CB-3" }, { id: "CB-2" }] });
    expect(online).toMatchObject({ total: 1, items: [{ id: "CB-1", presence: "online" }] });
    expect(closed).toMatchObject({ items: [{ id: "CB-1", position: "closed" }] });
  });

  it("shows live values with quality, time and the word for the value", async () => {
    await using facade = await FacadeFixture.open();

    const answer = await facade.get("/api/v1/devices/CB-1/values?parameters=Position,CurrentPhaseA");

    expect(answer).toMatchObject({
      device: "CB-1",
      values: [
        { name: "Position", value: 2, text: "Closed", quality: "good", status: 0, time: "2026-01-01T12:00:00.000Z" },
        { name: "CurrentPhaseA", value: null, quality: "bad", time: null },
      ],
    });
  });

  it("answers a trip with what the device showed, and remembers the states it went through", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    fleet.transport.onSend = () => fleet.sample("Position", 1);

    const answer = await facade.as("operator", {
      method: "POST",
      url: "/api/v1/devices/CB-1/commands/Trip",
      payload: { arguments: { Reason: "drill" } },
    });
    const { commandId } = answer.json<{ commandId: string }>();
    const record = await facade.get(`/api/v1/commands/${commandId}`);

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ result: "confirmed" });
    expect(record).toMatchObject({
      action: "Trip",
      user: "operator",
      state: "confirmed",
      arguments: { Reason: "drill" },
      steps: [{ state: "under-way" }, { state: "confirmed" }],
    });
  });

  it("answers 504 when nobody knows whether the breaker opened", async () => {
    await using facade = await FacadeFixture.open();
    const sending = Promise.withResolvers<void>();
    facade.fleet.transport.onSend = () => sending.resolve();

    const answer = facade.as("operator", { method: "POST", url: "/api/v1/devices/CB-1/commands/Trip" });
    const silent = answer.then(({ statusCode, body }) => ({ statusCode, body: JSON.parse(body) as unknown }));
    await sending.promise;
    facade.fleet.clock.advance(10_000);

    expect(await silent).toMatchObject({
      statusCode: 504,
      body: { code: "command-unconfirmed", result: "unconfirmed" },
    });
  });

  it("writes a setting once the device reports it, and refuses what its package does", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    fleet.transport.onWrite = (_device, { parameter, value }) => fleet.sample(parameter.name, Number(value));
    const url = "/api/v1/devices/CB-1/parameters/ThermalPickup";
    const write = (role: "viewer" | "maintenance", value: unknown) =>
      facade.as(role, { method: "PUT", url, payload: { value } });

    const written = await write("maintenance", 200);
    const refused = [await write("viewer", 210), await write("maintenance", 9_000), await write("maintenance", "much")];

    expect(written.json()).toMatchObject({ result: "confirmed" });
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([403, 422, 400]);
    expect(refused.map((answer) => answer.json<{ code: string }>().code)).toEqual([
      "access-denied",
      "value-out-of-range",
      "value-type-mismatch",
    ]);
  });

  it("applies a template to many devices and tells what became of it on each", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    fleet.transport.onWrite = (_device, { parameter, value }) => fleet.sample(parameter.name, Number(value));

    const before = await facade.get("/api/v1/devices/CB-1/templates");
    const answer = await facade.as("maintenance", {
      method: "POST",
      url: "/api/v1/templates/Motor/apply",
      payload: { devices: ["CB-1", "CB-9"] },
    });
    const after = await facade.get("/api/v1/devices/CB-1/templates");

    expect(before).toMatchObject({ items: [{ name: "Motor", isApplied: false }, {}] });
    expect(answer.json()).toMatchObject({
      applied: 1,
      failed: 1,
      results: [
        { device: "CB-1", result: "confirmed" },
        { device: "CB-9", code: "device-unknown" },
      ],
    });
    expect(after).toMatchObject({ items: [{ name: "Motor", isApplied: true }, {}] });
  });

  it("keeps a lock for the session that took it, and gives it back with the session", async () => {
    await using facade = await FacadeFixture.open();
    const url = "/api/v1/devices/CB-1/lock";
    const taken = await facade.as("operator", { method: "POST", url, payload: { context: "works" } });
    const foreign = await facade.as("maintenance", {
      method: "POST",
      url: "/api/v1/devices/CB-1/commands/Trip",
      payload: {},
    });
    await facade.as("operator", { method: "POST", url: "/api/v1/logout" });

    expect(taken.json()).toMatchObject({ lock: { user: "operator", context: "works" } });
    expect([foreign.statusCode, foreign.json<{ code: string }>().code]).toEqual([423, "device-locked"]);
    expect(await facade.get(url)).toEqual({ lock: null });
  });
});
