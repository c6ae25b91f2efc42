import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { diUri, indexOf } from "./namespaces.ts";

conformanceUnit("DI Nameplate", (context) => {
  it("shows what the package says of the device type", async () => {
    const { client, fixture } = context();
    const { identity } = fixture.device("CB-0001").package;
    const di = await indexOf(client, diUri);
    const read = async (name: string): Promise<unknown> =>
      (await client.read(await client.browse(`/${di}:DeviceSet/1:CB-0001/${di}:${name}`))).value.value;

    expect(await read("Manufacturer")).toMatchObject({ text: identity.manufacturer });
    expect(await read("ManufacturerUri")).toBe(identity.manufacturerUri);
    expect(await read("Model")).toMatchObject({ text: identity.model });
    expect(await read("ProductCode")).toBe(identity.productCode);
    expect(await read("DeviceRevision")).toBe(identity.deviceRevision);
    expect(await read("DeviceClass")).toBe("CircuitBreaker");
  });

  it("shows what the device says of itself, and differs from device to device", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0002", { SerialNumber: "SN-4711", FirmwareVersion: "2.4.1", HardwareRevision: "B" });
    const di = await indexOf(client, diUri);
    const read = async (device: string, name: string): Promise<unknown> =>
      (await client.read(await client.browse(`/${di}:DeviceSet/1:${device}/${di}:${name}`))).value.value;

    expect(await read("CB-0002", "SerialNumber")).toBe("SN-4711");
    expect(await read("CB-0002", "SoftwareRevision")).toBe("2.4.1");
    expect(await read("CB-0002", "HardwareRevision")).toBe("B");
    expect(await read("CB-0002", "ProductInstanceUri")).not.toBe(await read("CB-0003", "ProductInstanceUri"));
  });
});
