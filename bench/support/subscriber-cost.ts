import type { OPCUAClient } from "node-opcua-client";
import { connectBenchClient } from "./bench-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { watchParameters } from "./watch-parameters.ts";

const devices = 20;
const variables = 20;
/** Every variable changes so often per second. */
const changesPerS = 2;
const measuredS = 6;

/** CPU of the server in microseconds per notification when each of `subscribers` clients watches the same 400 values. */
export async function subscriberCost(subscribers: number): Promise<number> {
  await using server = await MeasuredServer.start(devices, variables);
  let received = 0;
  const clients: OPCUAClient[] = [];
  for (let i = 0; i < subscribers; i += 1) {
    const { client, session } = await connectBenchClient(server.port);
    await watchParameters(session, { devices, variables }, () => (received += 1));
    clients.push(client);
  }
  const order = { valuesPerS: devices * variables * changesPerS, devices, variables };
  await server.run(order, 2);
  const before = received;
  const { cpuPercent } = await server.run(order, measuredS);
  const perS = (received - before) / measuredS;
  for (const client of clients) await client.disconnect();
  return (cpuPercent * 10_000) / perS;
}
