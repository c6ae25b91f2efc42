import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AttributeIds, ClientSubscription, type OPCUAClient, TimestampsToReturn } from "node-opcua-client";
import { connectBenchClient } from "./bench-client.ts";
import { freePort } from "./free-port.ts";
import type { Cost, Order } from "./opcua-bench-child.ts";

const devices = 20;
const variables = 20;
/** Every variable changes so often per second. */
const changesPerS = 2;
const measuredS = 6;

/** CPU of the server in microseconds per notification when each of `subscribers` clients watches the same 400 values. */
export async function subscriberCost(subscribers: number): Promise<number> {
  const port = await freePort();
  const child = new URL("./opcua-bench-child.ts", import.meta.url);
  const server = fork(child, [String(port), String(devices), String(variables)]);
  await once(server, "message");
  let received = 0;
  const clients: OPCUAClient[] = [];
  for (let i = 0; i < subscribers; i += 1) clients.push(await watchAll(port, () => (received += 1)));
  server.send({ order: { valuesPerS: devices * variables * changesPerS, devices, variables } satisfies Order });
  await sleep(2_000);
  server.send({ ask: true });
  await once(server, "message");
  const before = received;
  server.send({ order: { valuesPerS: devices * variables * changesPerS, devices, variables } satisfies Order });
  await sleep(measuredS * 1_000);
  server.send({ ask: true });
  const [{ cpuPercent }] = (await once(server, "message")) as [Cost];
  const perS = (received - before) / measuredS;
  for (const client of clients) await client.disconnect();
  server.kill("SIGINT");
  await once(server, "exit");
  return (cpuPercent * 10_000) / perS;
}

async function watchAll(port: number, onChange: () => void): Promise<OPCUAClient> {
  const { client, session } = await connectBenchClient(port);
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 6_000,
    requestedMaxKeepAliveCount: 100,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  });
  const nodes = Array.from({ length: devices * variables }, (_, i) => {
    const device = `CB-${String(Math.floor(i / variables) + 1).padStart(5, "0")}`;
    return {
      nodeId: `ns=1;s=${device}/Parameter${String(i % variables).padStart(2, "0")}`,
      attributeId: AttributeIds.Value,
    };
  });
  const parameters = { samplingInterval: 100, queueSize: 1, discardOldest: true };
  const group = await subscription.monitorItems(nodes, parameters, TimestampsToReturn.Both);
  group.on("changed", onChange);
  return client;
}
