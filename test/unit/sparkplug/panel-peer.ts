import { SparkplugTransport, type SparkplugTransportOptions } from "#transport/sparkplug/sparkplug-transport.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryBroker, settle } from "../transport-shared/memory-broker.ts";
import { recordingLog } from "../transport-shared/silent-log.ts";
import { type PeerMetric, peerPayload, tahu } from "./edge-peer.ts";
import { RecordingUplink } from "./recording-uplink.ts";

/** An edge node `Demo/panel-1` with one breaker `CB-0001`, written with the Tahu codec. */
export class PanelPeer {
  readonly broker: MemoryBroker;
  readonly clock: FakeClock;
  seq = 0;
  bdSeq = 0;

  constructor(broker: MemoryBroker, clock: FakeClock) {
    this.broker = broker;
    this.clock = clock;
  }

  nodeBirth(metrics: PeerMetric[] = []): void {
    this.seq = 0;
    const bdSeq: PeerMetric = { name: "bdSeq", type: "Int64", value: this.bdSeq };
    this.send("NBIRTH", [bdSeq, { name: "Node Control/Rebirth", type: "Boolean", value: false }, ...metrics]);
  }

  deviceBirth(metrics: PeerMetric[] = breakerBirth, device = "CB-0001"): void {
    this.send("DBIRTH", metrics, device);
  }

  data(metrics: PeerMetric[], device = "CB-0001"): void {
    this.send("DDATA", metrics, device);
  }

  nodeDeath(bdSeq = this.bdSeq): void {
    const payload = peerPayload(this.clock.now(), [{ name: "bdSeq", type: "Int64", value: bdSeq }]);
    this.broker.deliver("spBv1.0/Demo/NDEATH/panel-1", payload);
  }

  /** Sends a message with the next sequence number, or with `seq`. */
  send(type: string, metrics: PeerMetric[], device?: string, seq?: number): void {
    const payload = peerPayload(this.clock.now(), metrics, seq ?? this.seq);
    if (seq === undefined) this.seq = (this.seq + 1) % 256;
    this.broker.deliver(`spBv1.0/Demo/${type}/panel-1${device === undefined ? "" : `/${device}`}`, payload);
  }

  /** Names and values of the commands that came, e.g. `NCMD panel-1 Node Control/Rebirth=true`. */
  get commands(): string[] {
    return this.broker.sessions.flatMap(({ published }) =>
      published.flatMap(({ topic, payload }) => {
        const [, , type, ...target] = topic.split("/");
        if (type !== "NCMD" && type !== "DCMD") return [];
        if (typeof payload === "string") throw new Error("a command is bytes");
        const metrics = tahu.decodePayload(payload).metrics ?? [];
        return [
          `${type} ${target.join("/")} ${metrics.map(({ name, value }) => `${name}=${String(value)}`).join(" ")}`,
        ];
      }),
    );
  }
}

export const breakerBirth: PeerMetric[] = [
  { name: "Device/Type", alias: 1, type: "String", value: "test/breaker" },
  { name: "Breaker/CurrentPhaseA", alias: 11, type: "Float", value: 0 },
  { name: "Breaker/Position", alias: 12, type: "Int32", value: 2 },
  { name: "Command/Trip", type: "Boolean", value: false },
  { name: "Command/Reason", type: "String", value: "" },
];

export const answeringBirth: PeerMetric[] = [
  ...breakerBirth,
  { name: "Command/Id", type: "Int64", value: 0 },
  { name: "Command/LastId", type: "Int64", value: 0 },
  { name: "Command/LastResult", type: "Int32", value: 0 },
];

/** A connected transport with its broker, clock, uplink and one edge node that is not born yet. */
export async function connectedTransport(options: Partial<SparkplugTransportOptions> = {}) {
  const clock = new FakeClock();
  const broker = new MemoryBroker();
  const uplink = new RecordingUplink();
  const log = recordingLog();
  const transport = new SparkplugTransport({
    hostId: "host-1",
    brokers: [{ url: "mqtt://broker:1883", clientId: "host-1" }],
    clock,
    random: () => 0,
    log,
    open: broker.open,
    ...options,
  });
  await transport.start(uplink);
  await settle();
  return { transport, clock, broker, uplink, log, panel: new PanelPeer(broker, clock) };
}
