import { type PeerMetric, peerPayload } from "../../unit/sparkplug/edge-peer.ts";
import type { RecordingBroker } from "./recording-broker.ts";

/** A breaker's BIRTH: type, two values, and the commands it takes. */
export const breakerMetrics: PeerMetric[] = [
  { name: "Device/Type", type: "String", value: "test/breaker" },
  { name: "Breaker/CurrentPhaseA", alias: 11, type: "Float", value: 1.5 },
  { name: "Breaker/Position", alias: 12, type: "Int32", value: 2 },
  { name: "Command/Trip", alias: 13, type: "Boolean", value: false },
  { name: "Command/Reason", type: "String", value: "" },
];

/** An edge node `Plant/{name}` that publishes with the Tahu codec through the broker. */
export class Edge {
  readonly #broker: RecordingBroker;
  readonly #name: string;
  seq = 0;
  bdSeq = 3;

  constructor(broker: RecordingBroker, name: string) {
    this.#broker = broker;
    this.#name = name;
  }

  /** NBIRTH with the edge node's own breaker metrics, then DBIRTH of each device. */
  async birth(devices: readonly string[] = [], own: PeerMetric[] = []): Promise<void> {
    this.seq = 0;
    await this.send("NBIRTH", [{ name: "bdSeq", type: "Int64", value: this.bdSeq }, ...own]);
    for (const device of devices) {
      const aliasBase = 100 * (1 + devices.indexOf(device));
      const metrics = breakerMetrics.map((metric) =>
        metric.alias === undefined || metric.alias === null
          ? metric
          : { ...metric, alias: aliasBase + Number(metric.alias) },
      );
      await this.send("DBIRTH", metrics, { device });
    }
  }

  async data(value: number, device: string, seq = this.seq): Promise<void> {
    if (seq === this.seq) this.seq = (this.seq + 1) % 256;
    await this.#publish("DDATA", [{ name: "Breaker/CurrentPhaseA", type: "Float", value }], { device, seq });
  }

  async send(type: string, metrics: PeerMetric[], to: { device?: string; timestamp?: number } = {}): Promise<void> {
    const { seq } = this;
    this.seq = (this.seq + 1) % 256;
    await this.#publish(type, metrics, { ...to, seq });
  }

  async death(bdSeq = this.bdSeq): Promise<void> {
    await this.#publish("NDEATH", [{ name: "bdSeq", type: "Int64", value: bdSeq }], {});
  }

  async #publish(
    type: string,
    metrics: PeerMetric[],
    { device, seq, timestamp = Date.now() }: { device?: string; seq?: number; timestamp?: number },
  ): Promise<void> {
    const topic = `spBv1.0/Plant/${type}/${this.#name}${device === undefined ? "" : `/${device}`}`;
    await this.#broker.publish(topic, peerPayload(timestamp, metrics, seq));
  }
}
