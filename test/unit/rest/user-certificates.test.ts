import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

const pem = readFileSync(join(import.meta.dirname, "../../fixtures/certificates/scada.pem"), "utf8");

it("users get certificates to log in by over HTTP, and lose them", async () => {
  await using facade = await FacadeFixture.open();
  const post = (url: string, payload: object) => facade.as("administrator", { method: "POST", url, payload });
  await post("/api/v1/users", { name: "anna", role: "operator", password: "kq7!wpzvxjmr" });
  const added = await post("/api/v1/users/anna/certificates", { pem });
  const [certificate] = facade.parts.access.users.find("anna")?.certificates ?? [];
  const identity = facade.parts.access.authenticateCertificate(certificate?.thumbprint ?? "", {
    origin: "test",
    client: "test",
  });
  const wrong = [
    await post("/api/v1/users/anna/certificates", { pem: "x" }),
    await post("/api/v1/users/viewer/certificates", { pem }),
  ];
  const url = `/api/v1/users/anna/certificates/${certificate?.thumbprint}`;
  const removed = [
    await facade.as("administrator", { method: "DELETE", url }),
    await facade.as("administrator", { method: "DELETE", url }),
    await post("/api/v1/users/nobody/certificates", { pem }),
  ];

  expect([added.statusCode, identity.user]).toEqual([204, "anna"]);
  expect(certificate?.subject).toContain("CN=scada-7");
  expect(wrong.map(({ statusCode }) => statusCode)).toEqual([400, 409]);
  expect(removed.map(({ statusCode }) => statusCode)).toEqual([204, 404, 404]);
  expect(facade.parts.access.users.find("anna")?.certificates).toEqual([]);
});
