import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C SystemOffNormal", (context) => {
  it("tells of a matter of the host itself, with the Server object as its source", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const { warnings } = fixture.fleet.control;
    const about = { name: "audit-unavailable", device: undefined, since: fixture.fleet.clock.now() } as const;

    warnings.raise({ ...about, text: "the disk is full" });
    const event = await desk.see("Server/AuditUnavailable", { "ActiveState/Id": true });
    warnings.clear("audit-unavailable", undefined);
    const gone = await desk.see("Server/AuditUnavailable", { "ActiveState/Id": false });

    expect(event).toMatchObject({
      EventType: "ns=0;i=11753",
      SourceNode: "ns=0;i=2253",
      SourceName: "Server",
      ConditionClassName: "SystemConditionClassType",
    });
    expect(await desk.answer("Acknowledge", gone, "")).toBe("Good");
  });
});
