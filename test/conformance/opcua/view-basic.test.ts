import {
  BrowseDirection,
  BrowseRequest,
  type BrowseResponse,
  NodeClass,
  NodeClassMask,
  ResultMask,
  ViewDescription,
} from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { faultOf, rawRequest } from "./raw-request.ts";

const device = "ns=1;s=CB-0001";
const all = { nodeClassMask: 0, resultMask: 63 };

conformanceUnit("View Basic", (context) => {
  async function browse(options: object) {
    const result = await context().client.session.browse({
      nodeId: device,
      browseDirection: BrowseDirection.Forward,
      ...all,
      ...options,
    });
    return { status: result.statusCode.name, references: result.references ?? [] };
  }

  it("follows references forward, inverse and both ways", async () => {
    const forward = await browse({});
    const inverse = await browse({ browseDirection: BrowseDirection.Inverse });
    const both = await browse({ browseDirection: BrowseDirection.Both });

    expect(forward.references.every(({ isForward }) => isForward)).toBe(true);
    expect(inverse.references.some(({ isForward }) => isForward)).toBe(false);
    expect(both.references).toHaveLength(forward.references.length + inverse.references.length);
  });

  it("follows one reference type, with or without its subtypes", async () => {
    const exact = await browse({ referenceTypeId: "i=33", includeSubtypes: false });
    const withSubtypes = await browse({ referenceTypeId: "i=33", includeSubtypes: true });
    const properties = await browse({ referenceTypeId: "i=46", includeSubtypes: false });

    expect(exact.references).toEqual([]);
    expect(withSubtypes.references.length).toBeGreaterThan(properties.references.length);
    expect(properties.references.every(({ referenceTypeId }) => referenceTypeId.toString() === "ns=0;i=46")).toBe(true);
  });

  it("keeps to the node classes that were asked for", async () => {
    const { references } = await browse({ nodeClassMask: NodeClassMask.Variable });

    expect(references.length).toBeGreaterThan(5);
    expect(references.every(({ nodeClass }) => nodeClass === NodeClass.Variable)).toBe(true);
  });

  it("tells only what the result mask asks for", async () => {
    const { references } = await browse({ resultMask: ResultMask.BrowseName });

    expect(references[0]?.browseName.name).not.toBe("");
    expect(references[0]?.displayName.text ?? null).toBeNull();
    expect(references[0]?.typeDefinition.isEmpty()).toBe(true);
  });

  it("answers what it cannot browse with the status of the reason", async () => {
    expect((await browse({ nodeId: "ns=1;s=nobody" })).status).toBe("BadNodeIdUnknown");
    expect((await browse({ referenceTypeId: "ns=1;s=CB-0001" })).status).toBe("BadReferenceTypeIdInvalid");
  });

  it("answers a view that is not there with BadViewIdUnknown", async () => {
    const request = new BrowseRequest({
      view: new ViewDescription({ viewId: "ns=1;s=no-view" }),
      nodesToBrowse: [{ nodeId: device, browseDirection: BrowseDirection.Forward, ...all }],
    });

    expect(await faultOf(rawRequest<BrowseResponse>(context().client, request))).toBe("BadViewIdUnknown");
  });
});
