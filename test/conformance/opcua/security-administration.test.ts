import { MessageSecurityMode, OPCUAClient } from "node-opcua-client";
import { expect, it } from "vitest";
import { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Security Administration", () => {
  it.each([false, true])("offers SecurityPolicy None only when the setting allows it: %s", async (allowInsecure) => {
    await using fixture = await OpcUaFixture.start({ allowInsecure, devices: 1 });
    const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });

    await client.connect(fixture.endpointUrl);
    const modes = (await client.getEndpoints()).map(({ securityMode }) => securityMode);
    await client.disconnect();

    expect(modes.includes(MessageSecurityMode.None)).toBe(allowInsecure);
  });
});
