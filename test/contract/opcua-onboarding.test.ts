import { DataType, StatusCodes } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";

const humidity = { address: "Climate/Humidity", dataType: "float", unit: "%", low: 0, high: 100 } as const;

describe("Objects/Onboarding", () => {
  let fixture: OpcUaFixture;
  let admin: ScadaClient;
  let viewer: ScadaClient;

  beforeAll(async () => {
    fixture = await OpcUaFixture.start({ devices: 1 });
    admin = await fixture.admin();
    viewer = await fixture.as("viewer", "look");
  });

  afterAll(async () => {
    await admin[Symbol.asyncDispose]();
    await viewer[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });

  function announce(name: string) {
    return fixture.fleet.ingest.announced({
      protocol: "sparkplug",
      name,
      address: `Plant/N1/${name}`,
      declaredType: undefined,
      points: [humidity.address],
      offers: [humidity],
      at: fixture.fleet.clock.now(),
    });
  }

  function call(client: ScadaClient, method: string, ...inputs: string[]) {
    return client.session.call({
      objectId: "ns=1;s=Onboarding",
      methodId: `ns=1;s=Onboarding/${method}`,
      inputArguments: inputs.map((value) => ({ dataType: DataType.String, value })),
    });
  }

  async function listed(): Promise<string[]> {
    const { value } = await admin.read("ns=1;s=Onboarding/Devices");
    return [...(value.value as string[])];
  }

  it("lists who waits, and takes it in as an operator says; its points are live, with unit and range", async () => {
    announce("D1");
    expect((await listed()).map((text): unknown => JSON.parse(text))).toMatchObject([
      { key: "sparkplug Plant/N1/D1", name: "D1", state: "pending", points: 1, proposals: [] },
    ]);

    const result = await call(admin, "Accept", "D1", "generic", "Cellar 1");

    expect(result.statusCode).toBe(StatusCodes.Good);
    expect(result.outputArguments?.[0]?.value).toBe("Cellar 1");
    expect(await listed()).toEqual([]);
    const device = announce("D1");
    if (device === undefined) throw new Error("D1 is not taken in");
    const batch = new SampleBatch(1);
    const now = fixture.fleet.clock.now();
    batch.reset(now);
    batch.add(0, 41.5, now, Quality.good);
    fixture.fleet.ingest.samples(device, batch);
    const { value } = await admin.read("ns=1;s=Cellar 1/Climate.Humidity");
    expect(value.value).toBe(41.5);
    const range = await admin.read("ns=1;s=Cellar 1/Climate.Humidity/EURange");
    expect(range.value.value).toMatchObject({ low: 0, high: 100 });
    const unit = await admin.read("ns=1;s=Cellar 1/Climate.Humidity/EngineeringUnits");
    expect(unit.value.value).toMatchObject({ displayName: { text: "%" } });
    const group = await admin.session.browse("ns=1;s=Cellar 1/Groups/DeviceSpecific");
    expect(group.references?.map(({ browseName }) => browseName.name)).toContain("Climate.Humidity");
  });

  it("rejects and removes for good", async () => {
    announce("D2");
    expect((await call(admin, "Reject", "D2")).statusCode).toBe(StatusCodes.Good);
    expect((await call(admin, "Remove", "Cellar 1")).statusCode).toBe(StatusCodes.Good);

    expect(announce("D1")).toBeUndefined();
    expect(announce("D2")).toBeUndefined();
    expect((await admin.read("ns=1;s=Onboarding/RejectedCount")).value.value).toBe(2);
    expect((await admin.read("ns=1;s=Cellar 1")).statusCode).toBe(StatusCodes.BadNodeIdUnknown);
  });

  it("lets nobody below maintenance decide, and says what is wrong", async () => {
    announce("D3");

    expect((await call(viewer, "Accept", "D3", "generic", "")).statusCode).toBe(StatusCodes.BadUserAccessDenied);
    expect((await call(admin, "Accept", "nobody", "", "")).statusCode).toBe(StatusCodes.BadNodeIdUnknown);
    expect((await call(admin, "Accept", "D3", "no/such@1.0.0", "")).statusCode).toBe(StatusCodes.BadInvalidArgument);
  });
});
