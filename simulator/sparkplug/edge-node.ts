import type { Will } from "#simulator/fleet/broker-link.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Speaker, SpeakerContext } from "#simulator/fleet/speaker.ts";
import { applyCommand } from "./apply-command.ts";
import { DeviceReport } from "./device-report.ts";
import { decodeCommand, encodePayload, type OutgoingMetric } from "./payload.ts";

const rebirthMetric = "Node Control/Rebirth";

export interface EdgeNodeOptions {
  readonly group: string;
  readonly node: string;
  readonly devices: readonly SimulatedDevice[];
  /** Measured values that moved less than this share of their range are not reported. */
  readonly deadband?: number;
}

/** A Sparkplug 3.0 edge node: one panel, its devices, one MQTT session. */
export class EdgeNode implements Speaker {
  readonly protocol = "sparkplug";
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  readonly subscriptions: readonly string[];
  readonly #group: string;
  readonly #context: SpeakerContext;
  readonly #reports: ReadonlyMap<string, DeviceReport>;
  #bdSeq = -1;
  #seq = 0;
  #isBorn = false;

  constructor({ group, node, devices, deadband = 0 }: EdgeNodeOptions, context: SpeakerContext) {
    this.#group = group;
    this.name = node;
    this.devices = devices;
    this.#context = context;
    this.#reports = new Map(
      devices.map((device, i) => [device.id, new DeviceReport(device, { firstAlias: (i + 1) * 1000, deadband })]),
    );
    this.subscriptions = [`spBv1.0/${group}/NCMD/${node}`, `spBv1.0/${group}/DCMD/${node}/+`];
  }

  /** The death certificate of the next session: its bdSeq is the one that the BIRTH of that session repeats. */
  will(): Will {
    this.#bdSeq = (this.#bdSeq + 1) % 256;
    this.#isBorn = false;
    return { topic: this.#topic("NDEATH"), payload: this.#death() };
  }

  connected(): void {
    this.#births();
  }

  disconnected(): void {
    this.#isBorn = false;
  }

  /** The last message of an intentional stop (the broker drops the Will on DISCONNECT). */
  farewell(): Will {
    this.#isBorn = false;
    return { topic: this.#topic("NDEATH"), payload: this.#death() };
  }

  message(topic: string, payload: Uint8Array): void {
    const [, , type, , deviceId] = topic.split("/");
    const metrics = decodeCommand(payload);
    if (metrics === undefined || !this.#isBorn) return;
    if (type === "NCMD") {
      if (metrics.some(({ name, value }) => name === rebirthMetric && value === true)) this.#births();
      return;
    }
    const report = this.#reports.get(deviceId ?? "");
    if (type !== "DCMD" || report === undefined || report.device.isSilent || report.device.isLost) return;
    applyCommand(report, metrics);
    this.#context.commanded(report.device);
  }

  reportChanges(device: SimulatedDevice): void {
    this.#data(device, (report) => report.changes());
  }

  reportDue(device: SimulatedDevice): number {
    this.#data(device, (report) => report.changes());
    return this.#context.periodMs;
  }

  reportAll(device: SimulatedDevice): void {
    this.#data(device, (report) => report.allMeasured());
  }

  /** DDEATH when the device falls silent behind its edge node, DBIRTH when it is back. */
  setLost(device: SimulatedDevice, isLost: boolean): void {
    if (!this.#isBorn) return;
    if (isLost) this.#send(this.#topic("DDEATH", device.id), this.#context.wallMs(), []);
    else this.#deviceBirth(device);
  }

  #data(device: SimulatedDevice, collect: (report: DeviceReport) => OutgoingMetric[]): void {
    const report = this.#reports.get(device.id);
    if (report === undefined || !this.#isBorn || device.isLost) return;
    const metrics = collect(report);
    if (metrics.length > 0) this.#send(this.#topic("DDATA", device.id), device.epochMs(), metrics, device);
  }

  #births(): void {
    this.#isBorn = true;
    this.#seq = 0;
    const timestamp = this.#context.wallMs();
    this.#send(this.#topic("NBIRTH"), timestamp, [
      { name: "bdSeq", timestamp, type: "Int64", value: this.#bdSeq },
      { name: rebirthMetric, timestamp, type: "Boolean", value: false },
      { name: "Properties/Software", timestamp, type: "String", value: "fdi-host simulator" },
    ]);
    for (const device of this.devices) if (!device.isLost) this.#deviceBirth(device);
  }

  #deviceBirth(device: SimulatedDevice): void {
    const metrics = this.#reports.get(device.id)?.birth() ?? [];
    this.#send(this.#topic("DBIRTH", device.id), device.epochMs(), metrics);
  }

  #send(topic: string, timestamp: number, metrics: OutgoingMetric[], device?: SimulatedDevice): void {
    this.#context.send({ topic, payload: encodePayload(timestamp, metrics, this.#seq), qos: 0 }, device);
    this.#seq = (this.#seq + 1) % 256;
  }

  #death(): Buffer {
    const timestamp = this.#context.wallMs();
    return encodePayload(timestamp, [{ name: "bdSeq", timestamp, type: "Int64", value: this.#bdSeq }]);
  }

  #topic(type: string, deviceId?: string): string {
    const node = `spBv1.0/${this.#group}/${type}/${this.name}`;
    return deviceId === undefined ? node : `${node}/${deviceId}`;
  }
}
