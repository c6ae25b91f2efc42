import { AttributeIds, type ExtensionObject } from "node-opcua-client";
import { expect, it } from "vitest";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { userCertificate } from "../../support/user-certificate.ts";
import { conformanceUnit } from "./conformance.ts";

const root = { user: "root", roles: ["administrator"], origin: "test" } as const;
const identities = {
  Anonymous: "i=16192",
  AuthenticatedUser: "i=16203",
  Observer: "i=16214",
  Operator: "i=16225",
  Engineer: "i=16236",
  Supervisor: "i=16247",
  ConfigureAdmin: "i=16269",
  SecurityAdmin: "i=16258",
};

conformanceUnit("Security Role Server Base 2", (context) => {
  const rulesOf = async (client: ScadaClient, nodeId: string): Promise<string[]> => {
    const { value } = await client.read(nodeId);
    const rules = value.value as (ExtensionObject & { criteriaType: number; criteria: string })[];
    return rules.map(({ criteriaType, criteria }) => `${criteriaType} ${criteria}`.trim());
  };

  it("shows the well-known roles, each with who has it", async () => {
    const { client, fixture } = context();
    const person = await userCertificate(fixture.folder, "emma");
    await fixture.access.users.add({ name: "emma", role: "operator", password: undefined }, root);
    await fixture.access.users.addCertificate("emma", person.known, root);

    const shown = Object.fromEntries(
      await Promise.all(
        Object.entries(identities).map(async ([role, id]) => [role, await rulesOf(client, id)] as const),
      ),
    );
    await fixture.access.users.setEnabled("emma", false, root);
    const without = await rulesOf(client, identities.Operator);
    await fixture.access.users.remove("emma", root);

    const emma = `2 ${person.known.thumbprint.toUpperCase()}`;
    expect(shown).toEqual({
      Anonymous: ["5", "6"],
      AuthenticatedUser: ["6"],
      Observer: [emma, "1 admin", "1 viewer"],
      Operator: [emma, "1 admin"],
      Engineer: ["1 admin"],
      Supervisor: [],
      ConfigureAdmin: ["1 admin"],
      SecurityAdmin: ["1 admin"],
    });
    expect(without).toEqual(["1 admin"]);
  });

  it("tells nobody but administrators, over an encrypted connection", async () => {
    const { client, fixture } = context();
    await using viewer = await fixture.as("viewer", "look");
    await using visitor = await fixture.visitor();
    const read = async (reader: ScadaClient): Promise<string> =>
      (await reader.session.read({ nodeId: identities.Operator, attributeId: AttributeIds.Value })).statusCode.name;

    expect([await read(client), await read(viewer), await read(visitor)]).toEqual([
      "Good",
      "BadUserAccessDenied",
      expect.stringMatching(/BadUserAccessDenied|BadSecurityModeInsufficient/),
    ]);
  });
});
