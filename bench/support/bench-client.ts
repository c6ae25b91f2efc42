import { type ClientSession, MessageSecurityMode, OPCUAClient, SecurityPolicy } from "node-opcua-client";

/** A client of a benchmark, with its session. */
export interface BenchClient {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
}

/** Connects to a server on this machine, without security: encryption would be measured with everything else. */
export async function connectBenchClient(port: number | string): Promise<BenchClient> {
  const client = OPCUAClient.create({
    endpointMustExist: false,
    securityMode: MessageSecurityMode.None,
    securityPolicy: SecurityPolicy.None,
    requestedSessionTimeout: 600_000,
    // A benchmark waits for a busy machine rather than to fail.
    defaultTransactionTimeout: 120_000,
  });
  await client.connect(`opc.tcp://127.0.0.1:${port}`);
  return { client, session: await client.createSession() };
}
