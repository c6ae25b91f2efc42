import {
  AttributeIds,
  type ContentFilter,
  constructEventFilter,
  ofType,
  TimestampsToReturn,
  type Variant,
} from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { subscribe } from "./subscribe.ts";

/** Events of one type from the Server object; each ends up in the array as its fields. */
export async function watchEvents(
  client: ScadaClient,
  eventType: string,
  fields: readonly string[],
): Promise<unknown[][]> {
  const where = ofType(eventType) as unknown as ContentFilter;
  const subscription = await subscribe(client);
  const seen: unknown[][] = [];
  const item = await subscription.monitor(
    { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize: 100, filter: constructEventFilter([...fields], where) },
    TimestampsToReturn.Both,
  );
  item.on("changed", (values: unknown) => seen.push((values as Variant[]).map(({ value }) => value as unknown)));
  return seen;
}
