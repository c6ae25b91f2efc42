import { connectAsync, type MqttClient } from "mqtt";
import sparkplug from "sparkplug-payload";

export interface WitnessedValue {
  readonly value: unknown;
  /** Source timestamp, epoch ms. */
  readonly time: number;
}

interface DecodedMetric {
  readonly name?: string;
  readonly alias?: { toString(): string } | null;
  readonly value?: unknown;
  readonly timestamp?: { toString(): string } | null;
}

const codec = (() => {
  const found = sparkplug.get("spBv1.0");
  if (found === null) throw new Error("sparkplug-payload knows no spBv1.0");
  return found;
})();

/** Sees at the broker what devices really publish, decoded by a codec that is not the host's. */
export class SparkplugWitness implements AsyncDisposable {
  readonly client: MqttClient;
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, WitnessedValue[]>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, payload) => this.#note(topic, payload));
  }

  static async listen(brokerPort: number): Promise<SparkplugWitness> {
    const client = await connectAsync(`mqtt://127.0.0.1:${brokerPort}`);
    const witness = new SparkplugWitness(client);
    await client.subscribeAsync(["spBv1.0/+/NBIRTH/+", "spBv1.0/+/DBIRTH/+/+", "spBv1.0/+/DDATA/+/+"]);
    return witness;
  }

  /** Asks an edge node to be born again, because aliases are told in births only. */
  async requestRebirth(group: string, node: string): Promise<void> {
    const metrics = [{ name: "Node Control/Rebirth", type: "Boolean" as const, value: true }];
    const payload = codec.encodePayload({ timestamp: Date.now(), metrics });
    await this.client.publishAsync(`spBv1.0/${group}/NCMD/${node}`, Buffer.from(payload));
  }

  /** Everything published so far of one metric of a device, oldest first. */
  of(device: string, metric: string): readonly WitnessedValue[] {
    return this.#values.get(`${device} ${metric}`) ?? [];
  }

  #note(topic: string, payload: Buffer): void {
    const [, group, type, node, device] = topic.split("/");
    if (device === undefined) return;
    const metrics = metricsOf(payload);
    for (const metric of metrics) {
      const alias = `${group} ${node} ${String(metric.alias)}`;
      if (type === "DBIRTH" && metric.name !== undefined) this.#names.set(alias, metric.name);
      const name = metric.name ?? this.#names.get(alias);
      if (name === undefined) continue;
      const key = `${device} ${name}`;
      const list = this.#values.get(key) ?? [];
      list.push({ value: metric.value, time: Number(metric.timestamp?.toString()) });
      this.#values.set(key, list);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** Tests publish garbage on purpose; what does not decode is not a value. */
function metricsOf(payload: Buffer): readonly DecodedMetric[] {
  try {
    return (codec.decodePayload(payload) as { metrics?: DecodedMetric[] }).metrics ?? [];
  } catch {
    return [];
  }
}
