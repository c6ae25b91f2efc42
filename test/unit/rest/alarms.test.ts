import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

/** The host's own alarm about a device that is silent, or any other that the fleet raises by itself. */
async function raised(facade: FacadeFixture): Promise<string> {
  facade.fleet.control.warnings.raise({
    name: "audit-unavailable",
    device: undefined,
    since: facade.fleet.clock.now(),
    text: "the audit cannot be written",
  });
  const page = (await facade.get("/api/v1/alarms")) as { readonly items: readonly { readonly id: string }[] };
  return page.items[0]?.id ?? "";
}

describe("alarms over HTTP", () => {
  it("are listed, acknowledged once by those who may, and journalled", async () => {
    await using facade = await FacadeFixture.open();
    const id = await raised(facade);
    const acknowledge = (role: "viewer" | "operator") =>
      facade.as(role, { method: "POST", url: "/api/v1/alarms/acknowledge", payload: { ids: [id], comment: "seen" } });

    const viewer = await acknowledge("viewer");
    const first = await acknowledge("operator");
    const second = await acknowledge("operator");
    const events = await facade.get("/api/v1/events");

    expect(id).not.toBe("");
    expect([viewer.statusCode, first.statusCode, second.statusCode]).toEqual([403, 200, 409]);
    expect(second.json()).toMatchObject({ code: "alarm-acknowledged" });
    expect(await facade.get("/api/v1/alarms?show=unacknowledged")).toMatchObject({ total: 0 });
    expect(events).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ kind: "acknowledged", user: "operator" })]) as unknown,
    });
  });

  it("are done something with one by one: one that fails stops no other", async () => {
    await using facade = await FacadeFixture.open();
    const id = await raised(facade);

    const answer = await facade.as("operator", {
      method: "POST",
      url: "/api/v1/alarms/acknowledge",
      payload: { ids: ["CB-1/Nothing", id] },
    });

    expect(answer.json()).toMatchObject({ done: 1, failed: [{ id: "CB-1/Nothing", code: "alarm-unknown" }] });
  });
});
