import { AttributeIds, ClientSubscription, DataType, TimestampsToReturn, VariantArrayType } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { waitingItems } from "#opcua/engine/resuming-items.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture, showsValue } from "../support/opcua-fixture.ts";
import { until } from "../support/until.ts";

/** Devices get another package while clients look. */

let fixture: OpcUaFixture;
let admin: ScadaClient;

beforeAll(async () => {
  fixture = await OpcUaFixture.start({ devices: 3 });
  admin = await fixture.admin();
}, 60_000);

afterAll(async () => {
  await admin?.[Symbol.asyncDispose]();
  await fixture?.[Symbol.asyncDispose]();
});

/** The package of CB-0001 with a parameter less and one more. */
function nextRevision(pkg: DevicePackage): DevicePackage {
  const current = pkg.parameterByName.get("CurrentPhaseA");
  if (current === undefined) throw new Error("no CurrentPhaseA");
  const kept = pkg.parameters.filter(({ name }) => name !== "PowerFactor");
  const parameters = [...kept, { ...current, name: "FourthPoleCurrent" }].map((spec, index) => ({ ...spec, index }));
  return definePackage({ ...pkg, revision: "9.0.0", parameters });
}

async function changePackage(client: ScadaClient, key: string, devices: string[]) {
  const result = await client.session.call({
    objectId: "ns=1;s=Catalogue",
    methodId: "ns=1;s=Catalogue/ChangePackage",
    inputArguments: [
      { dataType: DataType.String, value: key },
      { dataType: DataType.String, arrayType: VariantArrayType.Array, value: devices },
    ],
  });
  const [results, messages] = result.outputArguments ?? [];
  const codes = (results?.value ?? []) as { readonly name: string }[];
  return {
    status: result.statusCode.name,
    results: codes.map(({ name }) => name),
    messages: (messages?.value ?? []) as string[],
  };
}

describe("Catalogue.ChangePackage", () => {
  it("rebuilds the devices under their NodeIds; watched variables go on, and what is gone says so", async () => {
    const old = fixture.device("CB-0001").package;
    const next = nextRevision(old);
    fixture.fleet.shelf.put(next);
    const key = `${next.id}@9.0.0`;
    fixture.feed("CB-0001", { CurrentPhaseA: 120, PowerFactor: 21 });
    const seen = new Map<string, (string | number)[]>();
    const subscription = ClientSubscription.create(admin.session, {
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    for (const name of ["CurrentPhaseA", "PowerFactor"]) {
      const item = await subscription.monitor(
        { nodeId: `ns=1;s=CB-0001/${name}`, attributeId: AttributeIds.Value },
        { samplingInterval: 50, queueSize: 20 },
        TimestampsToReturn.Both,
      );
      const values: (string | number)[] = [];
      seen.set(name, values);
      item.on("changed", ({ statusCode, value }) =>
        values.push(statusCode.isGood() ? Number(value.value) : statusCode.name),
      );
      await until(`the first ${name}`, 5_000, () => values.length > 0 || undefined);
    }

    const answer = await changePackage(admin, key, ["CB-0001", "CB-0002", "CB-9999"]);

    expect(answer).toMatchObject({ status: "Good", results: ["Good", "Good", "BadNodeIdUnknown"] });
    expect(answer.messages[2]).toContain("CB-9999");
    expect((await admin.read("ns=1;s=CB-0001/FourthPoleCurrent")).statusCode.name).toBe("BadWaitingForInitialData");
    expect((await admin.read("ns=1;s=CB-0001/CurrentPhaseA")).value.value).toBe(120);
    expect((await admin.read("ns=1;s=CB-0001/PowerFactor")).statusCode.name).toBe("BadNodeIdUnknown");
    await showsValue(admin, `ns=1;s=Catalogue/${key}/DeviceCount`, 2);
    await showsValue(admin, `ns=1;s=Catalogue/${old.id}@${old.revision}/DeviceCount`, 1);

    fixture.feed("CB-0001", { CurrentPhaseA: 130, FourthPoleCurrent: 4 });

    await until("the new value", 5_000, () => seen.get("CurrentPhaseA")?.includes(130) || undefined);
    expect(seen.get("CurrentPhaseA")).toContain("BadNodeIdUnknown");
    expect(seen.get("PowerFactor")?.at(-1)).toBe("BadNodeIdUnknown");
    await showsValue(admin, "ns=1;s=CB-0001/FourthPoleCurrent", 4);

    expect(waitingItems()).toBe(1);
    await subscription.terminate();
    await until("forgotten items", 5_000, () => waitingItems() === 0 || undefined);
  });

  it("forgets a package that was removed, type and all, so that another of the same name can come", async () => {
    const { package: old } = fixture.device("CB-0003");
    const key = `${old.id}@10.0.0`;
    const namespaces = await admin.session.readNamespaceArray();
    const typeId = `ns=${namespaces.indexOf(old.namespaceUri)};s=${old.typeName}/10.0.0`;
    const browseName = async (nodeId: string): Promise<string> =>
      (await admin.session.read({ nodeId, attributeId: AttributeIds.BrowseName })).statusCode.name;
    const { shelf } = fixture.fleet;
    shelf.put(definePackage({ ...old, revision: "10.0.0" }), false);
    const before = [await browseName(typeId), await browseName(`ns=1;s=Catalogue/${key}`)];

    shelf.remove(key);

    const gone = [await browseName(typeId), await browseName(`ns=1;s=Catalogue/${key}`)];
    const answer = await changePackage(admin, key, ["CB-0003"]);
    shelf.put({ ...nextRevision(old), revision: "10.0.0" }, false);
    const again = await changePackage(admin, key, ["CB-0003"]);

    expect([before, gone]).toEqual([
      ["Good", "Good"],
      ["BadNodeIdUnknown", "BadNodeIdUnknown"],
    ]);
    expect(answer.results).toEqual(["BadInvalidArgument"]);
    expect(again.results).toEqual(["Good"]);
    expect((await admin.read("ns=1;s=CB-0003/FourthPoleCurrent")).statusCode.name).toBe("BadWaitingForInitialData");
  });

  it("denies it to viewers, for all devices at once", async () => {
    await using viewer = await fixture.as("viewer", "look");
    const { id, revision } = fixture.device("CB-0003").package;

    const answer = await changePackage(viewer, `${id}@${revision}`, ["CB-0003"]);

    expect(answer.status).toBe("BadUserAccessDenied");
  });
});
