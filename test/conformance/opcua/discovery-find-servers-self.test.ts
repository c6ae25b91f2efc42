import { FindServersRequest, type FindServersResponse } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { rawRequest } from "./raw-request.ts";

conformanceUnit("Discovery Find Servers Self", (context) => {
  it("answers with itself, its name and the address that was asked", async () => {
    const { client, fixture } = context();

    const { servers } = await rawRequest<FindServersResponse>(
      client,
      new FindServersRequest({ endpointUrl: fixture.endpointUrl }),
    );

    expect(servers?.map(({ applicationUri }) => applicationUri)).toEqual(["urn:test:fdi-host"]);
    expect(servers?.[0]?.applicationName.text).toBe("fdi-host");
    expect(servers?.[0]?.discoveryUrls?.join()).toContain(`:${fixture.port}`);
  });

  it("answers with nothing when another server is asked for", async () => {
    const { client, fixture } = context();

    const { servers } = await rawRequest<FindServersResponse>(
      client,
      new FindServersRequest({ endpointUrl: fixture.endpointUrl, serverUris: ["urn:another"] }),
    );

    expect(servers ?? []).toEqual([]);
  });
});
