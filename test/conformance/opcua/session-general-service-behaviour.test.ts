import { BrowseRequest, ReadRequest, type ReadResponse, TimestampsToReturn, WriteRequest } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { faultOf, rawRequest } from "./raw-request.ts";

conformanceUnit("Session General Service Behaviour", (context) => {
  it("echoes the request handle and stamps the response", async () => {
    const { client } = context();
    const request = new ReadRequest({
      nodesToRead: [{ nodeId: "i=2258", attributeId: 13 }],
      timestampsToReturn: TimestampsToReturn.Both,
    });

    const before = Date.now();
    const { responseHeader } = await rawRequest<ReadResponse>(client, request);

    expect(responseHeader.requestHandle).toBe(request.requestHeader.requestHandle);
    expect(Math.abs((responseHeader.timestamp?.getTime() ?? 0) - before)).toBeLessThan(10_000);
  });

  it.each([
    ["Read", () => new ReadRequest({ nodesToRead: [] })],
    ["Browse", () => new BrowseRequest({ nodesToBrowse: [] })],
    ["Write", () => new WriteRequest({ nodesToWrite: [] })],
  ])("answers an empty %s with BadNothingToDo", async (_name, request) => {
    expect(await faultOf(rawRequest(context().client, request()))).toBe("BadNothingToDo");
  });

  it("answers TimestampsToReturn that it does not know with BadTimestampsToReturnInvalid", async () => {
    const request = new ReadRequest({ nodesToRead: [{ nodeId: "i=2258", attributeId: 13 }] });
    request.timestampsToReturn = TimestampsToReturn.Invalid;

    expect(await faultOf(rawRequest(context().client, request))).toBe("BadTimestampsToReturnInvalid");
  });

  it("answers a negative MaxAge with BadMaxAgeInvalid", async () => {
    const request = new ReadRequest({ maxAge: -1, nodesToRead: [{ nodeId: "i=2258", attributeId: 13 }] });

    expect(await faultOf(rawRequest(context().client, request))).toBe("BadMaxAgeInvalid");
  });
});
