import { type UserIdentityInfoX509, UserTokenType } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { type PersonsCertificate, userCertificate } from "../../support/user-certificate.ts";
import { conformanceUnit } from "./conformance.ts";
import { faultOf } from "./raw-request.ts";

conformanceUnit("Security User X509", (context) => {
  const root = { user: "root", roles: ["administrator"], origin: "test" } as const;
  let own: PersonsCertificate;
  let others: PersonsCertificate;

  beforeAll(async () => {
    const { fixture } = context();
    own = await userCertificate(fixture.folder, "carol");
    others = await userCertificate(fixture.folder, "mallory");
    await fixture.access.users.add({ name: "carol", role: "viewer", password: undefined }, root);
    await fixture.access.users.addCertificate("carol", own.known, root);
  });

  const activate = (token: Pick<UserIdentityInfoX509, "certificateData" | "privateKey">) =>
    context().client.client.createSession({ type: UserTokenType.Certificate, ...token });

  it("is offered with every secured endpoint", async () => {
    const endpoints = await context().client.client.getEndpoints();
    const secured = endpoints.filter(({ securityPolicyUri }) => securityPolicyUri?.endsWith("#None") === false);

    expect(secured.length).toBeGreaterThan(0);
    for (const { userIdentityTokens } of secured) {
      expect((userIdentityTokens ?? []).map(({ tokenType }) => tokenType)).toContain(UserTokenType.Certificate);
    }
  });

  it("lets in who has the key of a known certificate, as the user that it belongs to", async () => {
    const session = await activate(own.token);
    const { statusCode } = await session.read({ nodeId: "ns=1;s=CB-0001/CurrentPhaseA" });
    await session.close();

    expect(statusCode.name).toBe("Good");
  });

  it("turns away an unknown certificate, and a known one without its key", async () => {
    const withoutKey = { certificateData: own.token.certificateData, privateKey: others.token.privateKey };

    expect(await faultOf(activate(others.token))).toBe("BadUserAccessDenied");
    expect(await faultOf(activate(withoutKey))).toMatch(
      /^Bad(UserSignatureInvalid|IdentityTokenInvalid|UserAccessDenied)$/,
    );
  });
});
