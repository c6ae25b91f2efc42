import { expect, it } from "vitest";
import { ScadaClient } from "../../support/opcua-client.ts";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { watchEvents } from "./events.ts";
import { faultOf } from "./raw-request.ts";

conformanceUnit("Auditing Base", (context) => {
  it("says that it audits", async () => {
    expect((await context().client.read("i=2994")).value.value).toBe(true);
  });

  it("tells an administrator of a login that was refused, with its status and who tried", async () => {
    const { client, fixture } = context();
    const seen = await watchEvents(client, "AuditActivateSessionEventType", ["Status", "ClientUserId", "SessionId"]);

    await faultOf(ScadaClient.connect(fixture.port, fixture.folder, { userName: "mallory", password: "guess" }));

    const events = await until("the event", 5_000, () =>
      seen.some(([status]) => status === false) ? seen : undefined,
    );
    expect(events.filter(([status]) => status === false)).not.toEqual([]);
  });

  it("keeps such events from those who may only look", async () => {
    const { fixture } = context();
    await using viewer = await ScadaClient.connect(fixture.port, fixture.folder, {
      userName: "viewer",
      password: "look",
    });
    const seen = await watchEvents(viewer, "AuditActivateSessionEventType", ["Status"]);
    const control = await watchEvents(context().client, "AuditActivateSessionEventType", ["Status"]);

    await using _visitor = await fixture.visitor();

    await until("the event at the administrator", 5_000, () => control.length > 0 || undefined);
    await viewer.read("i=2258");
    expect(seen).toEqual([]);
  });
});
