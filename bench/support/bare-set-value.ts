import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataType, nodesets, OPCUACertificateManager, OPCUAServer } from "node-opcua";
import { freePort } from "./free-port.ts";

/**
 * CPU time (us) of node-opcua's own way to set a value that nobody watches: what showing a value costs at least with the
 * stock library. Median of five rounds of 100,000 values.
 */
export async function bareSetValueUs(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-limit-"));
  const server = new OPCUAServer({
    port: await freePort(),
    nodeset_filename: [nodesets.standard],
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: join(folder, "pki") }),
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error("no address space");
  const namespace = addressSpace.getOwnNamespace();
  const organizedBy = addressSpace.rootFolder.objects;
  const variables = Array.from({ length: 1_000 }, (_, i) =>
    namespace.addVariable({ browseName: `V${i}`, nodeId: `s=V${i}`, dataType: DataType.Double, organizedBy }),
  );
  const rounds = Array.from({ length: 5 }, (_, round) => {
    const before = process.threadCpuUsage();
    for (let i = 0; i < 100; i += 1) {
      for (const variable of variables) variable.setValueFromSource({ dataType: DataType.Double, value: round + i });
    }
    const used = process.threadCpuUsage(before);
    return (used.user + used.system) / 100 / variables.length;
  });
  await server.shutdown(0);
  rmSync(folder, { recursive: true, force: true });
  return rounds.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}
