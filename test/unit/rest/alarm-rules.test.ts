import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

const rule = {
  rule_name: "High",
  conditions: [{ field_path: "CurrentPhaseA", operator: "gt", threshold_value: 100 }],
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Asks as somebody with the role maintenance. */
function callerOf(facade: FacadeFixture): (method: Method, url: string, payload?: object) => Promise<Answer> {
  return async (method, url, payload) => {
    const request = payload === undefined ? { method, url } : { method, url, payload };
    const answer = await facade.as("maintenance", request);
    return { status: answer.statusCode, body: answer.json() };
  };
}

describe("alarm rules over HTTP", () => {
  it("are added, changed and taken away, with effect at once", async () => {
    await using facade = await FacadeFixture.open();
    const call = callerOf(facade);
    facade.fleet.sample("CurrentPhaseA", 120);

    const added = await call("POST", "/api/v1/alarm-rules", rule);
    expect(added).toMatchObject({ status: 200, body: { name: "High", types: ["TestBreaker"], problems: [], rule } });
    expect(facade.fleet.alarms.find("CB-1/High")?.state.active).toBe(true);
    const { id } = added.body as { id: number };
    const changed = await call("PATCH", `/api/v1/alarm-rules/${id}`, { is_active: false });
    expect(changed).toMatchObject({ status: 200, body: { isActive: false, types: [] } });
    expect(facade.fleet.alarms.find("CB-1/High")).toBeUndefined();
    expect(await call("DELETE", `/api/v1/alarm-rules/${id}`)).toMatchObject({ status: 200, body: { removed: id } });

    expect(await call("GET", `/api/v1/alarm-rules/${id}`)).toMatchObject({
      status: 404,
      body: { code: "alarm-rule-unknown" },
    });
  });

  it("that cannot work are refused with the place", async () => {
    await using facade = await FacadeFixture.open();
    const wrong = { ...rule, conditions: [{ field_path: "CurrentPhaseA", operator: "above" }] };

    const answer = await callerOf(facade)("POST", "/api/v1/alarm-rules", wrong);

    expect(answer).toMatchObject({ status: 400, body: { code: "argument-invalid" } });
    expect((answer.body as { message: string }).message).toContain('conditions[0].operator: "above": expected one of');
  });
});
