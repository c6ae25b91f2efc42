import {
  AttributeIds,
  DataType,
  ModifyMonitoredItemsRequest,
  type ModifyMonitoredItemsResponse,
  MonitoringMode,
  type MonitoringParametersOptions,
  type ReadValueIdOptions,
  TimestampsToReturn,
} from "node-opcua-client";
import { expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { conformanceUnit } from "./conformance.ts";
import { rawRequest } from "./raw-request.ts";
import { createItem, monitor, subscribe, valuesOf } from "./subscribe.ts";

const node = "ns=1;s=CB-0007/CurrentPhaseA";

conformanceUnit("Monitor Basic", (context) => {
  async function statusOf(item: ReadValueIdOptions, parameters: MonitoringParametersOptions = {}) {
    const { client } = context();
    const subscription = await subscribe(client);
    const result = await createItem(client, subscription, item, parameters);
    await subscription.terminate();
    return result;
  }

  it.each([
    [{ nodeId: "ns=1;s=nobody", attributeId: AttributeIds.Value }, "BadNodeIdUnknown"],
    [{ nodeId: "ns=1;s=CB-0007", attributeId: AttributeIds.Value }, "BadAttributeIdInvalid"],
    [{ nodeId: node, attributeId: 999 }, "BadAttributeIdInvalid"],
  ])("answers an item %j with %s", async (item, status) => {
    expect((await statusOf(item)).statusCode.name).toBe(status);
  });

  it("says which sampling interval and queue size it grants", async () => {
    const granted = await statusOf(
      { nodeId: node, attributeId: AttributeIds.Value },
      { samplingInterval: 250, queueSize: 4 },
    );

    expect(granted.statusCode.name).toBe("Good");
    expect(granted.revisedSamplingInterval).toBe(250);
    expect(granted.revisedQueueSize).toBe(4);
  });

  it("changes and deletes items", async () => {
    const { client } = context();
    const subscription = await subscribe(client);
    const item = await subscription.monitor(
      { nodeId: node, attributeId: AttributeIds.Value },
      { samplingInterval: 100, queueSize: 1 },
      TimestampsToReturn.Both,
    );

    const itemsToModify = [
      {
        monitoredItemId: item.monitoredItemId ?? 0,
        requestedParameters: { clientHandle: 1, samplingInterval: 500, queueSize: 3 },
      },
    ];
    const request = new ModifyMonitoredItemsRequest({ subscriptionId: subscription.subscriptionId, itemsToModify });
    const { results } = await rawRequest<ModifyMonitoredItemsResponse>(client, request);

    expect(results?.[0]).toMatchObject({ revisedSamplingInterval: 500, revisedQueueSize: 3 });
    await item.terminate();
    await subscription.terminate();
  });

  it("samples without reporting, and does nothing when disabled", async () => {
    const { client, fixture } = context();
    const subscription = await subscribe(client);
    const item = await subscription.monitor(
      { nodeId: node, attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    const seen: unknown[] = [];
    item.on("changed", ({ value }) => seen.push(value.value as unknown));
    await until("the first value", 5_000, () => seen.length > 0 || undefined);

    await item.setMonitoringMode(MonitoringMode.Disabled);
    fixture.feed("CB-0007", { CurrentPhaseA: 101 });
    await item.setMonitoringMode(MonitoringMode.Reporting);
    fixture.feed("CB-0007", { CurrentPhaseA: 102 });

    await until("the value after", 5_000, () => seen.includes(102) || undefined);
    await subscription.terminate();
  });

  it("monitors other attributes than the value", async () => {
    const { client } = context();
    const subscription = await subscribe(client);
    const item = await subscription.monitor(
      { nodeId: "ns=1;s=CB-0007", attributeId: AttributeIds.BrowseName },
      { samplingInterval: 100, queueSize: 1 },
      TimestampsToReturn.Neither,
    );
    const seen: DataType[] = [];
    item.on("changed", ({ value }) => seen.push(value.dataType));

    await until("the name", 5_000, () => seen.includes(DataType.QualifiedName) || undefined);
    await subscription.terminate();
  });

  it("delivers a value of each of several items, whatever their order", async () => {
    const { client } = context();
    const subscription = await subscribe(client);
    const names = ["CurrentPhaseA", "Position", "SerialNumber"];
    const all = await Promise.all(names.map((name) => monitor(subscription, `ns=1;s=CB-0007/${name}`)));

    await until("all values", 5_000, () => all.every((seen) => valuesOf(seen).length > 0) || undefined);
    await subscription.terminate();
  });
});
