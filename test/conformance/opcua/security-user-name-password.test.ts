import { expect, it } from "vitest";
import { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";
import { faultOf } from "./raw-request.ts";

conformanceUnit("Security User Name Password", (context) => {
  const login = (userName: string, password: string) => {
    const { fixture } = context();
    return ScadaClient.connect(fixture.port, fixture.folder, { userName, password });
  };

  it("lets in who knows the password", async () => {
    await using client = await login("viewer", "look");

    expect((await client.read("i=2258")).statusCode.name).toBe("Good");
  });

  it.each([
    ["a wrong password", "admin", "wrong"],
    ["an unknown user", "nobody", "secret"],
    ["an empty password", "admin", ""],
  ])("turns away %s, and says the same whatever was wrong", async (_name, user, password) => {
    expect(await faultOf(login(user, password))).toBe("BadUserAccessDenied");
  });
});
