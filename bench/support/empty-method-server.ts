import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  MessageSecurityMode,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
} from "node-opcua";

/** The limit for commands: a server of node-opcua alone whose one method does nothing, over the same kind of connection. */
export async function startEmptyMethodServer(port: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-limit-"));
  const server = new OPCUAServer({
    port: port,
    host: "127.0.0.1",
    nodeset_filename: [nodesets.standard],
    serverCertificateManager: new OPCUACertificateManager({
      rootFolder: join(folder, "pki"),
      automaticallyAcceptUnknownCertificate: true,
    }),
    securityPolicies: [SecurityPolicy.Basic256Sha256],
    securityModes: [MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: true,
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error("no address space");
  const namespace = addressSpace.getOwnNamespace();
  const object = namespace.addObject({
    browseName: "Nothing",
    nodeId: "s=Nothing",
    organizedBy: addressSpace.rootFolder.objects,
  });
  const method = namespace.addMethod(object, {
    browseName: "Do",
    nodeId: "s=Nothing/Do",
    inputArguments: [{ name: "Reason", dataType: "String" }],
  });
  method.bindMethod(async (_inputs: unknown, _context: unknown) => ({ statusCode: StatusCodes.Good }));
  await server.start();
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}
