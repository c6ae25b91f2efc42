import { AttributeIds, ClientSubscription, type DataValue, TimestampsToReturn } from "node-opcua-client";
import { type BenchClient, connectBenchClient } from "#bench/support/bench-client.ts";
import { deviceName, sequenceParameter } from "./feed.ts";

/** An OPC UA client that follows the sequence number of every device and keeps how old each was when it arrived. */
export class OpcUaWatcher implements AsyncDisposable {
  readonly #client: BenchClient;
  readonly #publishingMs: number;
  #lags: number[] = [];

  private constructor(client: BenchClient, publishingMs: number) {
    this.#client = client;
    this.#publishingMs = publishingMs;
  }

  static async connect(port: number, publishingMs: number): Promise<OpcUaWatcher> {
    return new OpcUaWatcher(await connectBenchClient(port), publishingMs);
  }

  async watch(devices: number): Promise<void> {
    const subscription = ClientSubscription.create(this.#client.session, {
      requestedPublishingInterval: this.#publishingMs,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
    });
    const items = Array.from({ length: devices }, (_, i) => ({
      nodeId: `ns=1;s=${deviceName(i)}/${sequenceParameter}`,
      attributeId: AttributeIds.Value,
    }));
    const parameters = { samplingInterval: 0, queueSize: 20, discardOldest: true };
    const group = await subscription.monitorItems(items, parameters, TimestampsToReturn.Both);
    group.on("changed", (_item, { sourceTimestamp }: DataValue) => {
      if (sourceTimestamp) this.#lags.push(Date.now() - sourceTimestamp.getTime());
    });
  }

  reset(): void {
    this.#lags = [];
  }

  /** Milliseconds from the time in the message to the callback here, ascending. */
  lags(): number[] {
    return this.#lags.toSorted((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.session.close();
    await this.#client.client.disconnect();
  }
}
