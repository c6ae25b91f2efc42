import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { watchEvents } from "./events.ts";

conformanceUnit("Auditing Method", (context) => {
  it("tells who called which method on which object, done or refused", async () => {
    const { client, fixture } = context();
    fixture.obeyCommands();
    await using viewer = await fixture.as("viewer", "look");
    const objectId = "ns=1;s=CB-0010/MethodSet";
    const { references } = await client.session.browse(objectId);
    const methodId = references?.find(({ browseName }) => browseName.name === "Trip")?.nodeId.toString() ?? "";
    const seen = await watchEvents(client, "AuditUpdateMethodEventType", [
      "ClientUserId",
      "Status",
      "SourceNode",
      "MethodId",
    ]);
    const inputArguments = [{ dataType: "String", value: "test" }];

    await client.session.call({ objectId, methodId, inputArguments });
    await viewer.session.call({ objectId, methodId, inputArguments });

    await until("two events", 5_000, () => seen.length >= 2 || undefined);
    expect(seen.map(([user, status, source, method]) => [user, status, String(source), String(method)])).toEqual([
      ["admin", true, objectId, methodId],
      ["viewer", false, objectId, methodId],
    ]);
  });
});
