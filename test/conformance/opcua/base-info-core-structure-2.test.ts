import { ServerState } from "node-opcua";
import { expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Base Info Core Structure 2", (context) => {
  it.each([
    ["/0:Server", "ns=0;i=2253"],
    ["/0:Server/0:ServerArray", "ns=0;i=2254"],
    ["/0:Server/0:NamespaceArray", "ns=0;i=2255"],
    ["/0:Server/0:ServerStatus", "ns=0;i=2256"],
    ["/0:Server/0:ServiceLevel", "ns=0;i=2267"],
    ["/0:Server/0:Auditing", "ns=0;i=2994"],
    ["/0:Server/0:ServerCapabilities", "ns=0;i=2268"],
    ["/0:Server/0:Namespaces", "ns=0;i=11715"],
  ])("has Objects%s", async (path, nodeId) => {
    expect(await context().client.browse(path)).toBe(nodeId);
  });

  it("says that the server runs, since when, and what it is", async () => {
    const { client } = context();

    const status = await client.read("i=2256");

    const value = status.value.value as {
      state: ServerState;
      startTime: Date;
      currentTime: Date;
      buildInfo: { productName: string; softwareVersion: string };
    };
    expect(value.state).toBe(ServerState.Running);
    expect(value.startTime.getTime()).toBeLessThanOrEqual(value.currentTime.getTime());
    expect(value.buildInfo).toMatchObject({ productName: "fdi-host", softwareVersion: "0.0.0" });
  });

  it("keeps the server's own namespace at index 1, whatever NodeSets are loaded", async () => {
    const namespaces = await context().client.session.readNamespaceArray();

    expect(namespaces.slice(0, 2)).toEqual(["http://opcfoundation.org/UA/", "urn:test:fdi-host"]);
  });
});
