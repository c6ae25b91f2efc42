import { AttributeIds } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { faultOf } from "./raw-request.ts";

conformanceUnit("Session Base", (context) => {
  it("serves a session from its activation to its end, and not afterwards", async () => {
    await using client = await context().fixture.visitor();
    const read = () => client.session.read({ nodeId: "i=2258", attributeId: AttributeIds.Value });

    expect((await read()).statusCode.name).toBe("Good");
    await client.session.close(true);

    expect(await faultOf(read())).toMatch(/Bad(SessionIdInvalid|SessionClosed|ConnectionClosed)|closed/i);
  });

  it("revises the timeout that was asked for", async () => {
    await using client = await context().fixture.visitor();

    expect(client.session.timeout).toBeGreaterThanOrEqual(10_000);
    expect(client.session.timeout).toBeLessThanOrEqual(3_000_000);
  });

  it("ends sessions one by one: another one goes on", async () => {
    const { fixture } = context();
    await using first = await fixture.visitor();
    await using second = await fixture.visitor();

    await first.session.close(true);

    expect((await second.read("i=2258")).statusCode.name).toBe("Good");
  });
});
