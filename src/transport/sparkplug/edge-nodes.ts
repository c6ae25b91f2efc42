import type { RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import { type DecoderLimits, PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { applyBirth, bdSeqOf } from "./births.ts";
import type { CommandAnswers } from "./command-answers.ts";
import { DataReader, setPresence } from "./data-reader.ts";
import { EdgeDevice, EdgeNode } from "./edge-node.ts";
import type { HostSession } from "./host-session.ts";
import type { RebirthRequests } from "./rebirth-requests.ts";
import type { HeldMessage } from "./sequence.ts";
import { TopicCache, type UplinkTopic } from "./topic.ts";

export interface EdgeNodeLimits {
  readonly maxEdgeNodes: number;
  readonly maxDevicesPerNode: number;
}

export interface EdgeNodesOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly rebirths: Pick<RebirthRequests, "request" | "satisfied">;
  readonly answers: CommandAnswers;
  /** How long a missing message is waited for; 0: not at all. */
  readonly reorderTimeoutMs: number;
  /** How long after an NBIRTH its devices may take to be born again before they count as gone. */
  readonly birthGraceMs: number;
  readonly limits: EdgeNodeLimits;
  readonly decoderLimits: DecoderLimits;
}

/** All edge nodes that were heard of: applies births, data and deaths in sequence. */
export class EdgeNodes {
  readonly #options: EdgeNodesOptions;
  readonly #uplink: Uplink;
  readonly #decoder: PayloadDecoder;
  readonly #reader: DataReader;
  readonly #topics = new TopicCache();
  readonly #nodes = new Map<string, EdgeNode>();

  constructor(options: EdgeNodesOptions) {
    this.#options = options;
    this.#uplink = options.uplink;
    this.#decoder = new PayloadDecoder(options.decoderLimits);
    this.#reader = new DataReader(this.#decoder, options.uplink, options.answers);
  }

  node(nodeKey: string): EdgeNode | undefined {
    return this.#nodes.get(nodeKey);
  }

  /** The device at `group/edgeNode[/device]`. */
  device(address: string): EdgeDevice | undefined {
    const [group, edgeNode, name] = address.split("/");
    const node = this.#nodes.get(`${group}/${edgeNode}`);
    return name === undefined ? node?.self : node?.devices.get(name);
  }

  /** Takes one message; never throws. */
  message(session: HostSession, topic: string, payload: Uint8Array): void {
    this.#uplink.received();
    const parsed = this.#topics.parse(topic);
    if (parsed === undefined) {
      this.#reject(topic.slice(0, 200), "invalid-topic", "not a topic of an edge node or device");
      return;
    }
    const decoded = this.#decoder.decode(payload);
    if (!decoded.ok) {
      this.#reject(topic, decoded.reason, decoded.detail);
      return;
    }
    const node = this.#nodeOf(parsed, session);
    if (node === undefined) this.#reject(topic, "oversized", `more than ${this.#nodes.size} edge nodes`);
    else if (parsed.type === "NBIRTH") this.#nodeBirth(node, parsed, { session, payload });
    else if (parsed.type === "NDEATH") this.#nodeDeath(node, parsed);
    else this.#inSequence(node, parsed, payload);
  }

  /** Nothing is known any more of what is behind this session. */
  sessionLost(session: HostSession, cause: string): void {
    for (const node of this.#nodes.values()) {
      if (node.session === session) this.#desynchronise(node, false, `broker connection lost: ${cause}`);
    }
  }

  /** Asks everyone who was known before the loss to be born again, at a random time within the next seconds. */
  sessionUp(session: HostSession, random: () => number): void {
    for (const node of this.#nodes.values()) {
      if (node.session !== session || node.state !== "desynchronised") continue;
      this.#options.rebirths.request(node.key, 1000 + 4000 * random());
    }
  }

  [Symbol.dispose](): void {
    for (const node of this.#nodes.values()) {
      node.stopReordering();
      node.birthGrace?.[Symbol.dispose]();
    }
  }

  #nodeOf(topic: UplinkTopic, session: HostSession): EdgeNode | undefined {
    const known = this.#nodes.get(topic.nodeKey);
    if (known !== undefined) {
      if (known.state === "unborn") known.session = session;
      return known;
    }
    if (this.#nodes.size >= this.#options.limits.maxEdgeNodes) return undefined;
    const node = new EdgeNode(topic, session);
    this.#nodes.set(topic.nodeKey, node);
    return node;
  }

  #nodeBirth(node: EdgeNode, topic: UplinkTopic, message: { session: HostSession; payload: Uint8Array }): void {
    const receivedAt = this.#options.clock.now();
    const { seq, timestamp } = this.#decoder.columns;
    node.stopReordering();
    const held = node.sequence.takeAll();
    const isOld = (old: HeldMessage<UplinkTopic>): boolean => old.timestamp < timestamp;
    for (const old of held.filter(isOld)) this.#applyHeld(node, old, SampleFlag.historical);
    this.#decoder.decode(message.payload);
    node.session = message.session;
    node.state = "live";
    node.aliasesHold = true;
    node.aliases.clear();
    node.bdSeq = bdSeqOf(this.#decoder);
    node.bornAt = timestamp;
    node.sequence.restart(seq, timestamp);
    this.#options.rebirths.satisfied(node.key);
    for (const device of node.devices.values()) device.isBorn = false;
    this.#born(node.self, topic, receivedAt, SampleFlag.none);
    this.#awaitDevices(node, receivedAt);
    for (const early of held) {
      if (!isOld(early) && this.#decoder.decode(early.payload).ok) this.#inSequence(node, early.kind, early.payload);
    }
  }

  #awaitDevices(node: EdgeNode, bornAt: number): void {
    const { clock, birthGraceMs } = this.#options;
    node.birthGrace?.[Symbol.dispose]();
    if (node.devices.size === 0) return;
    node.birthGrace = clock.after(birthGraceMs, () => {
      if (node.state !== "live") return;
      for (const device of node.devices.values()) {
        if (!device.isBorn) setPresence(this.#uplink, device, "offline", bornAt, "not born again with its edge node");
      }
    });
  }

  #nodeDeath(node: EdgeNode, topic: UplinkTopic): void {
    if (node.state === "unborn") return;
    if (node.bdSeq !== undefined && bdSeqOf(this.#decoder) !== node.bdSeq) {
      this.#reject(topicText(topic), "out-of-sequence", `bdSeq is not that of the NBIRTH (${node.bdSeq})`);
      return;
    }
    this.#flushToHistory(node);
    node.state = "unborn";
    const now = this.#options.clock.now();
    for (const device of node.members()) {
      device.isBorn = false;
      setPresence(this.#uplink, device, "offline", now, "NDEATH");
    }
  }

  #inSequence(node: EdgeNode, topic: UplinkTopic, payload: Uint8Array): void {
    const { seq, timestamp } = this.#decoder.columns;
    const receivedAt = this.#options.clock.now();
    if (node.state === "unborn") {
      this.#reject(topicText(topic), "not-announced", "no valid NBIRTH");
      this.#options.rebirths.request(node.key);
      return;
    }
    if (node.state === "desynchronised") {
      this.#options.rebirths.request(node.key);
      this.#apply(node, topic, receivedAt, SampleFlag.historical);
      return;
    }
    const verdict = node.sequence.judge(seq, timestamp);
    // A rebirth may overtake the last data of the sequence before it.
    if (verdict !== "next" && timestamp < node.bornAt) {
      this.#reject(topicText(topic), "out-of-sequence", "older than the NBIRTH");
      return;
    }
    switch (verdict) {
      case "next":
        this.#next(node, topic, receivedAt);
        break;
      case "held":
        node.sequence.hold(seq, { kind: topic, payload: payload.slice(), receivedAt, timestamp });
        this.#awaitMissing(node);
        break;
      case "repeated":
        this.#reject(topicText(topic), "out-of-sequence", `seq ${seq} came twice`);
        break;
      case "lost":
        this.#desynchronise(node, false, `seq ${seq} does not continue the sequence`);
        this.#options.rebirths.request(node.key);
        if (this.#decoder.decode(payload).ok) this.#apply(node, topic, receivedAt, SampleFlag.historical);
    }
  }

  #next(node: EdgeNode, topic: UplinkTopic, receivedAt: number): void {
    node.sequence.advance(this.#decoder.columns.timestamp);
    this.#apply(node, topic, receivedAt, SampleFlag.none);
    if (!node.sequence.isGapOpen) return;
    for (let held = node.sequence.takeNext(); held !== undefined; held = node.sequence.takeNext()) {
      node.sequence.advance(held.timestamp);
      this.#applyHeld(node, held, SampleFlag.none);
    }
    node.stopReordering();
    if (node.sequence.isGapOpen) this.#awaitMissing(node);
  }

  #awaitMissing(node: EdgeNode): void {
    const { clock, reorderTimeoutMs, rebirths } = this.#options;
    const giveUp = (): void => {
      node.reorderTimer = undefined;
      this.#desynchronise(node, true, "a message is missing");
      rebirths.request(node.key);
    };
    if (reorderTimeoutMs <= 0) giveUp();
    else node.reorderTimer ??= clock.after(reorderTimeoutMs, giveUp);
  }

  #desynchronise(node: EdgeNode, aliasesHold: boolean, reason: string): void {
    if (node.state === "unborn") return;
    this.#flushToHistory(node);
    node.state = "desynchronised";
    node.aliasesHold &&= aliasesHold;
    const now = this.#options.clock.now();
    for (const device of node.members()) {
      if (device.presence === "online") setPresence(this.#uplink, device, "stale", now, reason);
    }
  }

  #flushToHistory(node: EdgeNode): void {
    node.stopReordering();
    for (const held of node.sequence.takeAll()) this.#applyHeld(node, held, SampleFlag.historical);
  }

  #applyHeld(node: EdgeNode, held: HeldMessage<UplinkTopic>, flags: number): void {
    if (this.#decoder.decode(held.payload).ok) this.#apply(node, held.kind, held.receivedAt, flags);
  }

  /** The decoded message in its turn. */
  #apply(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    if (topic.type === "DBIRTH") this.#deviceBirth(node, topic, receivedAt, flags);
    else if (topic.type === "DDEATH") this.#deviceDeath(node, topic, receivedAt);
    else this.#data(node, topic, receivedAt, flags);
  }

  #deviceBirth(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    const name = topic.device ?? "";
    let device = node.devices.get(name);
    if (device === undefined) {
      if (node.devices.size >= this.#options.limits.maxDevicesPerNode) {
        this.#reject(topicText(topic), "oversized", `more than ${node.devices.size} devices`);
        return;
      }
      device = new EdgeDevice(node, name);
      node.devices.set(name, device);
    }
    this.#born(device, topic, receivedAt, flags);
  }

  #born(device: EdgeDevice, topic: UplinkTopic, receivedAt: number, flags: number): void {
    applyBirth(device, this.#decoder, this.#uplink, { topic, receivedAt });
    this.#reader.read(device, { source: topicText(topic), receivedAt, flags, isBirth: true });
  }

  #deviceDeath(node: EdgeNode, topic: UplinkTopic, receivedAt: number): void {
    const device = node.devices.get(topic.device ?? "");
    if (device === undefined) return;
    const { timestamp } = this.#decoder.columns;
    device.isBorn = false;
    setPresence(this.#uplink, device, "offline", Number.isNaN(timestamp) ? receivedAt : timestamp, "DDEATH");
  }

  #data(node: EdgeNode, topic: UplinkTopic, receivedAt: number, flags: number): void {
    const device = topic.device === undefined ? node.self : node.devices.get(topic.device);
    if (device === undefined || !device.isBorn) {
      this.#reject(topicText(topic), "not-announced", "no valid DBIRTH");
      this.#options.rebirths.request(node.key);
      return;
    }
    const isKnown = this.#reader.read(device, { source: topicText(topic), receivedAt, flags, isBirth: false });
    if (!isKnown) this.#options.rebirths.request(node.key);
  }

  #reject(source: string, reason: RejectionReason, detail: string): void {
    this.#uplink.rejected(source, reason, detail);
  }
}

function topicText(topic: UplinkTopic): string {
  return topic.device === undefined ? topic.nodeKey : `${topic.nodeKey}/${topic.device}`;
}
