import { expect, it } from "vitest";
import { showsValue } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("View RegisterNodes", (context) => {
  it("gives NodeIds that read as the registered nodes do, until they are unregistered", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0001", { CurrentPhaseB: 17 });
    await showsValue(client, "ns=1;s=CB-0001/CurrentPhaseB", 17);

    const [registered] = await client.session.registerNodes(["ns=1;s=CB-0001/CurrentPhaseB"]);
    if (registered === undefined) throw new Error("nothing registered");

    expect((await client.read(registered.toString())).value.value).toBe(17);
    await client.session.unregisterNodes([registered]);
    expect((await client.read("ns=1;s=CB-0001/CurrentPhaseB")).value.value).toBe(17);
  });
});
