import { AttributeIds, ReadRequest, type ReadResponse, TimestampsToReturn } from "node-opcua-client";
import { expect, it } from "vitest";
import { showsValue } from "../../support/opcua-fixture.ts";
import { conformanceUnit } from "./conformance.ts";
import { rawRequest } from "./raw-request.ts";

const current = "ns=1;s=CB-0001/CurrentPhaseC";

conformanceUnit("Attribute Read", (context) => {
  async function read(nodesToRead: object[], timestampsToReturn = TimestampsToReturn.Both) {
    const request = new ReadRequest({ timestampsToReturn, nodesToRead });
    return (await rawRequest<ReadResponse>(context().client, request)).results ?? [];
  }

  it("reads the value with its quality and the time at which the device saw it", async () => {
    const { client, fixture } = context();
    fixture.fleet.clock.advance(1_000);
    fixture.feed("CB-0001", { CurrentPhaseC: 21.5 });
    await showsValue(client, current, 21.5);

    const [value] = await read([{ nodeId: current, attributeId: AttributeIds.Value }]);

    expect(value?.statusCode.name).toBe("Good");
    expect(value?.sourceTimestamp?.getTime()).toBe(fixture.fleet.clock.now());
    expect(value?.serverTimestamp).not.toBeNull();
  });

  it.each([
    ["Source", TimestampsToReturn.Source, true, false],
    ["Server", TimestampsToReturn.Server, false, true],
    ["Neither", TimestampsToReturn.Neither, false, false],
  ])("gives the timestamps that were asked for: %s", async (_name, stamps, hasSource, hasServer) => {
    const [value] = await read([{ nodeId: current, attributeId: AttributeIds.Value }], stamps);

    expect(value?.sourceTimestamp !== null).toBe(hasSource);
    expect(value?.serverTimestamp !== null).toBe(hasServer);
  });

  it.each([
    [{ nodeId: "ns=1;s=nobody", attributeId: AttributeIds.Value }, "BadNodeIdUnknown"],
    [{ nodeId: "ns=1;s=CB-0001", attributeId: AttributeIds.Value }, "BadAttributeIdInvalid"],
    [{ nodeId: current, attributeId: 999 }, "BadAttributeIdInvalid"],
    [{ nodeId: "i=2255", attributeId: AttributeIds.Value, indexRange: "5:2" }, "BadIndexRangeInvalid"],
    [{ nodeId: "i=2255", attributeId: AttributeIds.Value, indexRange: "1000" }, "BadIndexRangeNoData"],
    [
      { nodeId: current, attributeId: AttributeIds.Value, dataEncoding: { namespaceIndex: 0, name: "Morse" } },
      "BadDataEncodingInvalid",
    ],
  ])("answers %j with %s", async (nodeToRead, status) => {
    const [value] = await read([nodeToRead]);

    expect(value?.statusCode.name).toBe(status);
  });

  it("reads a part of an array", async () => {
    const [value] = await read([{ nodeId: "i=2255", attributeId: AttributeIds.Value, indexRange: "1" }]);

    expect(Array.from(value?.value.value as string[])).toEqual(["urn:test:fdi-host"]);
  });

  it("reads a thousand values in one request, in order", async () => {
    const { fixture } = context();
    const names = fixture.device("CB-0001").package.parameters.map(({ name }) => name);
    const nodes = Array.from({ length: 1_000 }, (_, i) => `ns=1;s=CB-0001/${names[i % names.length]}`);

    const values = await read(nodes.map((nodeId) => ({ nodeId, attributeId: AttributeIds.BrowseName })));

    const read1000 = values.map(({ value }) => (value.value as { name: string }).name);
    expect(read1000).toEqual(nodes.map((nodeId) => nodeId.slice(nodeId.indexOf("/") + 1)));
  });
});
