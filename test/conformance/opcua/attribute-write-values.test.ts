import { NumericRange } from "node-opcua";
import { AttributeIds, DataType, VariantArrayType, type WriteValueOptions } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";

const pickup = "ns=1;s=CB-0006/ThermalPickup";

function value(dataType: DataType, content: unknown, nodeId = pickup): WriteValueOptions {
  return { nodeId, attributeId: AttributeIds.Value, value: { value: { dataType, value: content } } };
}

conformanceUnit("Attribute Write Values", (context) => {
  it("writes several values in one request, each with its own result, in order", async () => {
    const { client, fixture } = context();
    fixture.obeyWrites();

    const results = await client.session.write([
      value(DataType.Float, 180),
      value(DataType.Float, 12, "ns=1;s=CB-0006/ThermalDelay"),
      value(DataType.Float, 9_999),
      value(DataType.Float, 1, "ns=1;s=CB-0006/CurrentPhaseA"),
      value(DataType.Float, 1, "ns=1;s=CB-0006/Nowhere"),
    ]);

    expect(results.map(({ name }) => name)).toEqual([
      "Good",
      "Good",
      "BadOutOfRange",
      "BadNotWritable",
      "BadNodeIdUnknown",
    ]);
    expect((await client.read(pickup)).value.value).toBe(180);
    expect((await client.read("ns=1;s=CB-0006/ThermalDelay")).value.value).toBe(12);
  });

  it("refuses another type, an array, and a part of a value", async () => {
    const { client, fixture } = context();
    fixture.obeyWrites();
    const before: unknown = (await client.read(pickup)).value.value;

    const array = { dataType: DataType.Float, arrayType: VariantArrayType.Array, value: [1, 2] };
    const results = await client.session.write([
      value(DataType.Double, 190),
      value(DataType.String, "190"),
      { nodeId: pickup, attributeId: AttributeIds.Value, value: { value: array } },
      { ...value(DataType.Float, 190), indexRange: new NumericRange("0") },
    ]);

    expect(results.map(({ name }) => name)).toEqual([
      "BadTypeMismatch",
      "BadTypeMismatch",
      "BadTypeMismatch",
      "BadWriteNotSupported",
    ]);
    expect((await client.read(pickup)).value.value).toBe(before);
  });

  it("refuses attributes that nobody may write", async () => {
    const { client } = context();

    const result = await client.session.write({
      nodeId: pickup,
      attributeId: AttributeIds.DisplayName,
      value: { value: { dataType: DataType.LocalizedText, value: { text: "mine" } } },
    });

    expect(result.name).toMatch(/^BadNotWritable|BadWriteNotSupported/);
  });
});
