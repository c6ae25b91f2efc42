import { BrowsePath, makeBrowsePath } from "node-opcua-client";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { breakerUri, diUri, indexOf } from "./namespaces.ts";

conformanceUnit("View TranslateBrowsePath", (context) => {
  it("finds a parameter of a device by names alone", async () => {
    const { client } = context();
    const di = await indexOf(client, diUri);
    const breaker = await indexOf(client, breakerUri);

    const nodeId = await client.browse(`/${di}:DeviceSet/1:CB-0001/${di}:ParameterSet/${breaker}:CurrentPhaseA`);

    expect(nodeId).toBe("ns=1;s=CB-0001/CurrentPhaseA");
  });

  it("answers many paths in one request, each with its own status", async () => {
    const { client } = context();
    const paths = ["/0:Server", "/0:NoSuchThing", "/0:Server/0:ServerStatus/0:State"].map((path) =>
      makeBrowsePath("ObjectsFolder", path),
    );

    const results = await client.session.translateBrowsePath(paths);

    expect(results.map(({ statusCode }) => statusCode.name)).toEqual(["Good", "BadNoMatch", "Good"]);
  });

  it("answers a start that is not there and an empty path with the status of the reason", async () => {
    const { client } = context();
    const unknown = makeBrowsePath("ns=1;s=nobody", "/0:Server");
    const empty = new BrowsePath({ startingNode: "i=85", relativePath: { elements: [] } });

    const results = await client.session.translateBrowsePath([unknown, empty]);

    expect(results.map(({ statusCode }) => statusCode.name)).toEqual(["BadNodeIdUnknown", "BadNothingToDo"]);
  });
});
