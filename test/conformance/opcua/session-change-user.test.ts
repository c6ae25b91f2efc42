import { UserTokenType } from "node-opcua-client";
import { expect, it } from "vitest";
import { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Session Change User", (context) => {
  it("gives a session the rights of the user that took it over", async () => {
    const { fixture } = context();
    fixture.obeyCommands();
    await using client = await ScadaClient.connect(fixture.port, fixture.folder, {
      userName: "viewer",
      password: "look",
    });
    const trip = async () => {
      const method = await methodNamed(client, "Trip");
      return (await client.call("ns=1;s=CB-0004/MethodSet", method, [{ dataType: "String", value: "" }])).name;
    };

    expect(await trip()).toBe("BadUserAccessDenied");
    const login = { type: UserTokenType.UserName, userName: "admin", password: "secret" } as const;
    expect((await client.client.changeSessionIdentity(client.session, login)).name).toBe("Good");

    expect(await trip()).toBe("Good");
  });
});

async function methodNamed(client: ScadaClient, name: string): Promise<string> {
  const { references } = await client.session.browse("ns=1;s=CB-0004/MethodSet");
  return references?.find(({ browseName }) => browseName.name === name)?.nodeId.toString() ?? "";
}
