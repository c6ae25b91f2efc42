import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Protocol Configuration", (context) => {
  it("listens on the port and the address that were configured, and tells them to clients", async () => {
    const { client, fixture } = context();
    const endpoints = await client.client.getEndpoints();

    expect(endpoints.map(({ endpointUrl }) => endpointUrl?.toLowerCase())).toEqual(
      endpoints.map(() => `opc.tcp://127.0.0.1:${fixture.port}`),
    );
  });
});
