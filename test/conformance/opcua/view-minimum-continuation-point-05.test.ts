import {
  BrowseDirection,
  BrowseNextRequest,
  type BrowseNextResponse,
  BrowseRequest,
  type BrowseResponse,
} from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { rawRequest } from "./raw-request.ts";

const parameterSet = "ns=1;s=CB-0001/ParameterSet";

conformanceUnit("View Minimum Continuation Point 05", (context) => {
  async function firstPages(count: number, perNode: number) {
    const nodesToBrowse = Array.from({ length: count }, () => ({
      nodeId: parameterSet,
      browseDirection: BrowseDirection.Forward,
      referenceTypeId: "i=47",
      nodeClassMask: 0,
      resultMask: 63,
    }));
    const request = new BrowseRequest({ requestedMaxReferencesPerNode: perNode, nodesToBrowse });
    return (await rawRequest<BrowseResponse>(context().client, request)).results ?? [];
  }

  async function next(continuationPoints: Buffer[], releaseContinuationPoints = false) {
    const request = new BrowseNextRequest({ continuationPoints, releaseContinuationPoints });
    return (await rawRequest<BrowseNextResponse>(context().client, request)).results ?? [];
  }

  it("pages five browses at a time; the pages together are the whole, each node once", async () => {
    const { fixture } = context();
    const wanted = fixture.device("CB-0001").package.parameters.map(({ name }) => name);
    let pages = await firstPages(5, 7);
    const names = pages.map((page) => [...(page.references ?? [])].map(({ browseName }) => browseName.name));

    while (pages.some(({ continuationPoint }) => (continuationPoint?.length ?? 0) > 0)) {
      expect(pages.every((page) => (page.references ?? []).length <= 7)).toBe(true);
      pages = await next(pages.map(({ continuationPoint }) => continuationPoint ?? Buffer.alloc(0)));
      for (const [i, page] of pages.entries()) {
        names[i]?.push(...(page.references ?? []).map(({ browseName }) => browseName.name));
      }
    }

    expect(names).toHaveLength(5);
    for (const list of names) {
      expect(list).toHaveLength(wanted.length);
      expect(new Set(list)).toEqual(new Set(wanted));
    }
  });

  it("forgets a continuation point that was released", async () => {
    const [page] = await firstPages(1, 3);
    const continuationPoint = page?.continuationPoint ?? Buffer.alloc(0);

    await next([continuationPoint], true);
    const [after] = await next([continuationPoint]);

    expect(after?.statusCode.name).toBe("BadContinuationPointInvalid");
  });

  it("refuses a continuation point that it never gave", async () => {
    const [result] = await next([Buffer.from("4711")]);

    expect(result?.statusCode.name).toBe("BadContinuationPointInvalid");
  });
});
