import { AttributeIds, BrowseDirection, StatusCodes } from "node-opcua-client";
import { expect, it } from "vitest";
import { runDoctor } from "#opcua/doctor/run-doctor.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Address Space Base", (context) => {
  it("is free of findings for a device of every shipped package", async () => {
    const { fixture } = context();

    const report = await runDoctor({ endpointUrl: fixture.endpointUrl, pkiFolder: `${fixture.folder}/doctor` });

    expect(report.findings).toEqual([]);
    expect(report.checked.nodes).toBeGreaterThan(1_000);
  });

  it.each([AttributeIds.NodeId, AttributeIds.NodeClass, AttributeIds.BrowseName, AttributeIds.DisplayName])(
    "has attribute %i on nodes of every class",
    async (attributeId) => {
      const { client } = context();
      const nodes = [
        "ns=1;s=CB-0001",
        "ns=1;s=CB-0001/CurrentPhaseA",
        "ns=1;s=CB-0001/MethodSet",
        "i=58",
        "i=62",
        "i=24",
      ];

      const values = await client.session.read(nodes.map((nodeId) => ({ nodeId, attributeId })));

      expect(values.map(({ statusCode }) => statusCode)).toEqual(nodes.map(() => StatusCodes.Good));
    },
  );

  it("shows references in both directions", async () => {
    const { client } = context();

    const down = await client.session.browse(request("ns=1;s=CB-0001/ParameterSet", BrowseDirection.Forward));
    const up = await client.session.browse(request("ns=1;s=CB-0001/CurrentPhaseA", BrowseDirection.Inverse));

    expect(down.references?.map(({ nodeId }) => nodeId.toString())).toContain("ns=1;s=CB-0001/CurrentPhaseA");
    expect(up.references?.map(({ nodeId }) => nodeId.toString())).toContain("ns=1;s=CB-0001/ParameterSet");
  });
});

function request(nodeId: string, browseDirection: BrowseDirection) {
  return { nodeId, browseDirection, referenceTypeId: "HasComponent", nodeClassMask: 0, resultMask: 63 };
}
