import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataType, nodesets, OPCUACertificateManager, OPCUAServer, type UAVariable } from "node-opcua";
import { freePort } from "./free-port.ts";

/** Of a thousand values. */
const rounds = 20;

/** node-opcua alone with a thousand variables: what showing a value costs at least with the stock library. */
export class BareServer implements AsyncDisposable {
  readonly #server: OPCUAServer;
  readonly #folder: string;
  readonly #variables: readonly UAVariable[];
  #round = 0;

  private constructor(server: OPCUAServer, folder: string, variables: readonly UAVariable[]) {
    [this.#server, this.#folder, this.#variables] = [server, folder, variables];
  }

  static async start(): Promise<BareServer> {
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
    return new BareServer(server, folder, variables);
  }

  /** CPU time (us) of its own way to set a value that nobody watches: the mean of 20,000. */
  setValuesUs(): number {
    const before = process.threadCpuUsage();
    for (let i = 0; i < rounds; i += 1) {
      const value = this.#round + i;
      for (const variable of this.#variables) variable.setValueFromSource({ dataType: DataType.Double, value });
    }
    this.#round += 1;
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / rounds / this.#variables.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown(0);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
