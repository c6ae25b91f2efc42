import { MessageSecurityMode, OPCUAClient } from "node-opcua-client";
import { expect, it } from "vitest";
import { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";

async function endpointsAt(url: string) {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
  await client.connect(url);
  try {
    return await client.getEndpoints();
  } finally {
    await client.disconnect();
  }
}

conformanceUnit("Discovery Get Endpoints", (context) => {
  it("lists every policy with its mode and the certificate of the server", async () => {
    const endpoints = await endpointsAt(context().fixture.endpointUrl);

    const offers = endpoints.map(
      ({ securityMode, securityPolicyUri }) =>
        `${MessageSecurityMode[securityMode]} ${securityPolicyUri?.split("#")[1]}`,
    );
    expect(offers.sort()).toEqual([
      "None None",
      "SignAndEncrypt Aes128_Sha256_RsaOaep",
      "SignAndEncrypt Aes256_Sha256_RsaPss",
      "SignAndEncrypt Basic256Sha256",
    ]);
    for (const { serverCertificate } of endpoints) expect(serverCertificate.length).toBeGreaterThan(500);
  });

  it("offers neither SecurityPolicy None nor anonymous access unless it is allowed to be insecure", async () => {
    await using fixture = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });

    const endpoints = await endpointsAt(fixture.endpointUrl);

    expect(endpoints.map(({ securityMode }) => securityMode)).not.toContain(MessageSecurityMode.None);
    expect(
      endpoints.flatMap(({ userIdentityTokens }) => userIdentityTokens?.map(({ policyId }) => policyId)),
    ).not.toEqual(expect.arrayContaining([expect.stringMatching(/anonymous/i)]));
  });
});
