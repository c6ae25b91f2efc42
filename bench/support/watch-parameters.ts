import { AttributeIds, type ClientSession, ClientSubscription, TimestampsToReturn } from "node-opcua-client";

/** NodeId of a parameter of a synthetic breaker, both counted from 0. */
export function parameterNodeId(device: number, parameter: number): string {
  const name = `CB-${String(device + 1).padStart(5, "0")}`;
  return `ns=1;s=${name}/Parameter${String(parameter).padStart(2, "0")}`;
}

export interface Watched {
  readonly devices: number;
  /** The first so many parameters of each. */
  readonly variables: number;
}

/** One subscription with every parameter of the first devices, in calls of 5,000 items. */
export async function watchParameters(
  session: ClientSession,
  { devices, variables }: Watched,
  onChange: () => void,
): Promise<ClientSubscription> {
  const created = ClientSubscription.create(session, {
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 6_000,
    requestedMaxKeepAliveCount: 100,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  });
  const nodes = Array.from({ length: devices * variables }, (_, i) => ({
    nodeId: parameterNodeId(Math.floor(i / variables), i % variables),
    attributeId: AttributeIds.Value,
  }));
  const parameters = { samplingInterval: 100, queueSize: 1, discardOldest: true };
  for (let start = 0; start < nodes.length; start += 5_000) {
    const items = nodes.slice(start, start + 5_000);
    const group = await created.monitorItems(items, parameters, TimestampsToReturn.Both);
    group.on("changed", onChange);
  }
  return created;
}
