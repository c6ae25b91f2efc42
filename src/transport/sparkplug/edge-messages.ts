import type { Uplink } from "#fleet/ports.ts";
import type { MetricSource } from "#transport/sparkplug/codec/metric-fields.ts";
import { Births } from "./births.ts";
import type { CommandAnswers } from "./command-answers.ts";
import { DataReader, setPresence, sourceOf } from "./data-reader.ts";
import { EdgeDevice, type EdgeNode } from "./edge-node.ts";
import type { RebirthRequests } from "./rebirth-requests.ts";
import type { UplinkTopic } from "./topic.ts";

export interface EdgeMessagesOptions {
  readonly uplink: Uplink;
  readonly decoder: MetricSource;
  readonly rebirths: Pick<RebirthRequests, "request">;
  readonly answers: CommandAnswers;
  /** Over all edge nodes. */
  readonly maxDevices: number;
}

const noParameters: readonly number[] = [];

/** What the messages of an edge node mean, once they are decoded and in their turn. */
export class EdgeMessages {
  readonly #options: EdgeMessagesOptions;
  readonly #births: Births;
  readonly #reader: DataReader;
  #deviceCount = 0;

  constructor(options: EdgeMessagesOptions) {
    this.#options = options;
    this.#births = new Births(options.uplink);
    this.#reader = new DataReader(options.uplink, options.answers);
  }

  /** Applies the decoded message; with SampleFlag.historical in `flags` only history hears of its values. */
  apply(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    if (topic.type === "DBIRTH") this.#deviceBirth(node, topic, receivedAt, flags);
    else if (topic.type === "DDEATH") this.#deviceDeath(node, topic, receivedAt);
    else this.#data(node, topic, receivedAt, flags);
  }

  /** The decoded message is the BIRTH of `device` (of the edge node's own metrics). */
  born(device: EdgeDevice, receivedAt: number, flags: number): void {
    const { decoder } = this.#options;
    const retired = this.#births.apply(device, decoder, receivedAt);
    this.#reader.read(device, decoder, { receivedAt, flags, isBirth: true, retired });
  }

  #deviceBirth(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    const device = this.#deviceOf(node, topic);
    if (device === undefined) this.#rejectSurplus(topic);
    else this.born(device, receivedAt, flags);
  }

  #deviceDeath(node: EdgeNode, topic: UplinkTopic, receivedAt: number): void {
    const { uplink, decoder } = this.#options;
    const device = node.devices.get(topic.device ?? "");
    if (device === undefined) {
      uplink.rejected(topicText(topic), "not-announced", "DDEATH of a device that was never born");
      return;
    }
    uplink.accepted(sourceOf(device));
    const { timestamp } = decoder.columns;
    device.isBorn = false;
    setPresence(uplink, device, "offline", Number.isNaN(timestamp) ? receivedAt : timestamp, "DDEATH");
  }

  #data(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    const { uplink, decoder, rebirths } = this.#options;
    const device = topic.device === undefined ? node.self : node.devices.get(topic.device);
    if (node.isDeaf && topic.device !== undefined) this.#dataWithoutBirth(node, topic, receivedAt, flags);
    else if (device === undefined || !device.isBorn) {
      uplink.rejected(topicText(topic), "not-announced", "no valid DBIRTH");
      rebirths.request(node.key);
    } else {
      const context = { receivedAt, flags, isBirth: false, retired: noParameters };
      if (!this.#reader.read(device, decoder, context)) rebirths.request(node.key);
    }
  }

  /** Data of an edge node that gives no births: what it names is what it has. */
  #dataWithoutBirth(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    const { decoder } = this.#options;
    const device = this.#deviceOf(node, topic);
    if (device === undefined) {
      this.#rejectSurplus(topic);
      return;
    }
    const isBirth = this.#births.extend(device, decoder, receivedAt);
    this.#reader.read(device, decoder, { receivedAt, flags, isBirth, retired: noParameters });
  }

  /** The device of the topic, remembered from now on; undefined when there are too many. */
  #deviceOf(node: EdgeNode, topic: UplinkTopic): EdgeDevice | undefined {
    const name = topic.device ?? "";
    const known = node.devices.get(name);
    if (known !== undefined || this.#deviceCount >= this.#options.maxDevices) return known;
    this.#deviceCount += 1;
    const device = new EdgeDevice(node, name);
    node.devices.set(name, device);
    return device;
  }

  #rejectSurplus(topic: UplinkTopic): void {
    this.#options.uplink.rejected(topicText(topic), "too-many", `more than ${this.#deviceCount} devices`);
  }
}

/** `group/edgeNode[/device]`. */
export function topicText(topic: UplinkTopic): string {
  return topic.device === undefined ? topic.nodeKey : `${topic.nodeKey}/${topic.device}`;
}
