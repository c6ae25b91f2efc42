import type { RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { SampleFlag } from "#model/sample-batch.ts";
import type { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { bdSeqOf } from "./births.ts";
import type { CommandAnswers } from "./command-answers.ts";
import { setPresence } from "./data-reader.ts";
import { EdgeMessages, topicText } from "./edge-messages.ts";
import { type EdgeDevice, EdgeNode } from "./edge-node.ts";
import type { HostSession } from "./host-session.ts";
import type { SparkplugProfile } from "./profiles.ts";
import type { RebirthRequests } from "./rebirth-requests.ts";
import { type HeldMessage, type HoldingBudget, Sequence } from "./sequence.ts";
import type { UplinkTopic } from "./topic.ts";

/** Bounds of what names on the network can make the host remember. */
export interface EdgeNodeLimits {
  readonly maxEdgeNodes: number;
  /** Over all edge nodes. */
  readonly maxDevices: number;
  /** Bytes of messages kept until an earlier one arrives, over all edge nodes. */
  readonly maxHeldBytes: number;
}

export const defaultEdgeNodeLimits: EdgeNodeLimits = {
  maxEdgeNodes: 20_000,
  maxDevices: 100_000,
  maxHeldBytes: 32 * 1024 * 1024,
};

export interface EdgeNodesOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly decoder: PayloadDecoder;
  readonly rebirths: Pick<RebirthRequests, "request" | "satisfied">;
  readonly answers: CommandAnswers;
  readonly profileOf: (group: string, edgeNode: string) => SparkplugProfile;
  /** How long a missing message is waited for; 0: not at all. */
  readonly reorderTimeoutMs: number;
  /** How long after an NBIRTH its devices may take to be born again before they count as gone. */
  readonly birthGraceMs: number;
  readonly limits: EdgeNodeLimits;
}

/** Longer away than this, and an edge node may have lived a whole life unnoticed. */
const longestInterruptionMs = 120_000;

/** All edge nodes that were heard of: applies births, data and deaths in sequence. */
export class EdgeNodes {
  readonly #options: EdgeNodesOptions;
  readonly #uplink: Uplink;
  readonly #decoder: PayloadDecoder;
  readonly #messages: EdgeMessages;
  readonly #nodes = new Map<string, EdgeNode>();
  readonly #holding: HoldingBudget;
  /** Times that the sequence of an edge node broke for good. */
  sequenceBreaks = 0;

  constructor(options: EdgeNodesOptions) {
    this.#options = options;
    this.#uplink = options.uplink;
    this.#decoder = options.decoder;
    this.#messages = new EdgeMessages({ ...options, maxDevices: options.limits.maxDevices });
    this.#holding = { bytesLeft: options.limits.maxHeldBytes };
  }

  get size(): number {
    return this.#nodes.size;
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
  message(session: HostSession, topic: UplinkTopic, payload: Uint8Array): void {
    const decoded = this.#decoder.decode(payload);
    if (!decoded.ok) {
      this.#reject(topicText(topic), decoded.reason, decoded.detail);
      return;
    }
    const node = this.#nodeOf(topic, session);
    if (node === undefined) this.#reject(topicText(topic), "too-many", `more than ${this.#nodes.size} edge nodes`);
    else if (topic.type === "NBIRTH") this.#nodeBirth(node, { session, payload });
    else if (topic.type === "NDEATH") this.#nodeDeath(node, topic);
    else this.#inSequence(node, topic, payload);
  }

  /** Nothing is known any more of what is behind this session. */
  sessionLost(session: HostSession, cause: string): void {
    const now = this.#options.clock.now();
    for (const node of this.#nodes.values()) {
      if (node.session !== session) continue;
      const isWhole = node.state === "live" && !node.sequence.isGapOpen;
      this.#desynchronise(node, false, `broker connection lost: ${cause}`);
      node.mayContinueUntil = isWhole ? now + longestInterruptionMs : 0;
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
    const sequence = new Sequence<UplinkTopic>(this.#holding);
    const node = new EdgeNode(topic, this.#options.profileOf(topic.group, topic.edgeNode), session, sequence);
    this.#nodes.set(topic.nodeKey, node);
    return node;
  }

  #nodeBirth(node: EdgeNode, message: { session: HostSession; payload: Uint8Array }): void {
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
    node.unansweredRebirths = 0;
    node.bdSeq = bdSeqOf(this.#decoder);
    node.bornAt = timestamp;
    node.sequence.restart(seq, timestamp);
    this.#options.rebirths.satisfied(node.key);
    for (const device of node.devices.values()) device.isBorn = false;
    this.#messages.born(node.self, receivedAt, SampleFlag.none);
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
    if (node.state === "unborn") {
      // The second death of a session, or the Will of one that the host never saw: nothing to end.
      this.#uplink.accepted(topicText(topic));
      return;
    }
    if (!isDeathOf(node, bdSeqOf(this.#decoder))) {
      this.#reject(topicText(topic), "out-of-sequence", `bdSeq is not that of the NBIRTH (${node.bdSeq})`);
      return;
    }
    this.#uplink.accepted(topicText(topic));
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
    if (node.state === "desynchronised") this.#tryToContinue(node, seq, receivedAt);
    if (node.state !== "live" && node.isDeaf) this.#resume(node, seq, receivedAt);
    if (node.state === "unborn") {
      this.#reject(topicText(topic), "not-announced", "no valid NBIRTH");
      this.#options.rebirths.request(node.key);
      return;
    }
    if (node.state === "desynchronised") {
      this.#options.rebirths.request(node.key);
      this.#messages.apply(node, topic, receivedAt, SampleFlag.historical);
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
        if (node.sequence.hold(seq, { kind: topic, payload: new Uint8Array(payload), receivedAt, timestamp })) {
          this.#awaitMissing(node);
        } else this.#breakOff(node, topic, payload, "no room to wait for missing messages");
        break;
      case "repeated":
        this.#reject(topicText(topic), "out-of-sequence", `seq ${seq} came twice`);
        break;
      case "lost":
        this.#breakOff(node, topic, payload, `seq ${seq} does not continue the sequence`);
    }
  }

  /**
   * After a short loss of our own connection: when the very next number comes, nothing was lost, and the fleet need not be
   * born again. That the edge node died, came back and is just at this number is one case in 256 of a rare one.
   */
  #tryToContinue(node: EdgeNode, seq: number, receivedAt: number): void {
    if (receivedAt >= node.mayContinueUntil) return;
    node.mayContinueUntil = 0;
    if (!node.sequence.isNext(seq)) return;
    node.state = "live";
    node.aliasesHold = true;
    this.#options.rebirths.satisfied(node.key);
  }

  /** Takes an edge node as it is that does not answer requests for its births: its sequence begins here. */
  #resume(node: EdgeNode, seq: number, receivedAt: number): void {
    if (node.state === "unborn") node.aliasesHold = false;
    node.state = "live";
    node.bornAt = Number.NaN;
    node.sequence.restart((seq + 255) & 255, receivedAt);
  }

  /** Gives the sequence up at a message that has no place in it; the message itself still goes to history. */
  #breakOff(node: EdgeNode, topic: UplinkTopic, payload: Uint8Array, reason: string): void {
    this.#desynchronise(node, false, reason);
    this.#options.rebirths.request(node.key);
    if (!this.#decoder.decode(payload).ok) return;
    this.#messages.apply(node, topic, this.#options.clock.now(), SampleFlag.historical);
  }

  #next(node: EdgeNode, topic: UplinkTopic, receivedAt: number): void {
    node.sequence.advance(this.#decoder.columns.timestamp);
    this.#messages.apply(node, topic, receivedAt, SampleFlag.none);
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
    this.sequenceBreaks += 1;
    node.state = "desynchronised";
    node.aliasesHold &&= aliasesHold;
    node.mayContinueUntil = 0;
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
    if (this.#decoder.decode(held.payload).ok) this.#messages.apply(node, held.kind, held.receivedAt, flags);
  }

  #reject(source: string, reason: RejectionReason, detail: string): void {
    this.#uplink.rejected(source, reason, detail);
  }
}

/** An NDEATH counts when it has the bdSeq of the NBIRTH; some edge nodes have none (section 6.4.29, and 2.2). */
function isDeathOf(node: EdgeNode, bdSeq: number | undefined): boolean {
  if (node.bdSeq === undefined || bdSeq === node.bdSeq) return true;
  return bdSeq === undefined && !node.profile.needsBdSeq;
}
