import { expect, it } from "vitest";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { ProjectProcess } from "../support/host-process.ts";

it("the client in the documentation logs in, lists, follows and trips", async () => {
  await using facade = await FacadeFixture.open();
  const { fleet } = facade;
  const url = await facade.listen();
  fleet.transport.onSend = () => fleet.sample("Position", 1);

  await using client = new ProjectProcess("docs/examples/http-client.ts", [
    url,
    "operator",
    "password of operator",
    "CB-1",
  ]);
  const { code } = await client.exited;

  expect({ code, errors: client.errors }).toEqual({ code: 0, errors: "" });
  expect(client.output).toContain("logged in as operator: operator");
  expect(client.output).toContain("1 online: CB-1 closed");
  expect(client.output).toMatch(/snapshot CB-1 \{"Position":2/);
  expect(client.output).toContain("confirmed: CB-1 reported Position = 1");
});
