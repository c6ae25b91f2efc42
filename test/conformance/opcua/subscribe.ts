import {
  AttributeIds,
  ClientSubscription,
  type ClientSubscriptionOptions,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  type DataValue,
  type MonitoredItemCreateResult,
  MonitoringMode,
  type MonitoringParametersOptions,
  type ReadValueIdOptions,
  TimestampsToReturn,
} from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { until } from "../../support/until.ts";
import { rawRequest } from "./raw-request.ts";

/** A subscription that is there once this returns. */
export async function subscribe(
  client: Pick<ScadaClient, "session">,
  options: ClientSubscriptionOptions = {},
): Promise<ClientSubscription> {
  const subscription = ClientSubscription.create(client.session, {
    requestedPublishingInterval: 50,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
    ...options,
  });
  await until("the subscription", 5_000, () => subscription.isActive || undefined);
  return subscription;
}

/** Monitors a value; every notification ends up in the array. */
export async function monitor(
  subscription: ClientSubscription,
  nodeId: string,
  parameters: MonitoringParametersOptions = {},
): Promise<DataValue[]> {
  const seen: DataValue[] = [];
  const item = await subscription.monitor(
    { nodeId, attributeId: AttributeIds.Value },
    { samplingInterval: 0, queueSize: 10, discardOldest: true, ...parameters },
    TimestampsToReturn.Both,
  );
  item.on("changed", (dataValue) => seen.push(dataValue));
  return seen;
}

/** Creates one item by the service itself and gives what the server granted. */
export async function createItem(
  client: ScadaClient,
  subscription: ClientSubscription,
  itemToMonitor: ReadValueIdOptions,
  parameters: MonitoringParametersOptions,
): Promise<MonitoredItemCreateResult> {
  const request = new CreateMonitoredItemsRequest({
    subscriptionId: subscription.subscriptionId,
    timestampsToReturn: TimestampsToReturn.Both,
    itemsToCreate: [
      {
        itemToMonitor,
        monitoringMode: MonitoringMode.Reporting,
        requestedParameters: { clientHandle: 4_711, samplingInterval: 100, queueSize: 1, ...parameters },
      },
    ],
  });
  const { results } = await rawRequest<CreateMonitoredItemsResponse>(client, request);
  const [result] = results ?? [];
  if (result === undefined) throw new Error("no result");
  return result;
}

export function valuesOf(seen: readonly DataValue[]): unknown[] {
  return seen.map(({ value }) => value.value as unknown);
}
