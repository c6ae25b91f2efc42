import { MessageSecurityMode, SecurityPolicy } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Security Basic 256Sha256", (context) => {
  it("serves a session that is signed and encrypted", async () => {
    const { client } = context();

    expect(client.client.securityPolicy).toBe(SecurityPolicy.Basic256Sha256);
    expect(client.client.securityMode).toBe(MessageSecurityMode.SignAndEncrypt);
    expect((await client.read("i=2258")).statusCode.name).toBe("Good");
  });
});
