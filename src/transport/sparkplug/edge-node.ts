import type { Device } from "#fleet/device.ts";
import type { OfferedPoint, PresenceState } from "#fleet/ports.ts";
import type { HostSession } from "./host-session.ts";
import type { Point } from "./points.ts";
import type { SparkplugProfile } from "./profiles.ts";
import type { Sequence } from "./sequence.ts";
import type { UplinkTopic } from "./topic.ts";

/**
 * `unborn`: no NBIRTH is valid (never seen, or died). `live`: born and in sequence. `desynchronised`: messages are missing;
 * what comes goes to history only until the next NBIRTH.
 */
export type EdgeNodeState = "unborn" | "live" | "desynchronised";

/** A device below an edge node, or the edge node's own metrics (`name` empty). */
export class EdgeDevice {
  readonly name: string;
  readonly address: string;
  readonly node: EdgeNode;
  /** Metrics of its last BIRTH by name; none while it is not admitted. */
  points = new Map<string, Point>();
  isBorn = false;
  /** The type it declared last. */
  declaredType: string | undefined;
  serialNumber: string | undefined;
  /** What it offered so far, by address, where that grows with its data (no edge node); empty otherwise. */
  readonly offered = new Map<string, OfferedPoint>();
  /** The fleet's record; undefined while it is not admitted. */
  record: Device | undefined;
  presence: PresenceState = "unknown";
  /** Last values of Command/LastResult and Command/LastReason: by exception they come only when they change. */
  lastResult = 0;
  lastReason = "";

  constructor(node: EdgeNode, name: string) {
    this.node = node;
    this.name = name;
    this.address = name === "" ? node.key : `${node.key}/${name}`;
  }
}

/** Requests that stay without an answer; with the default back-off about half a minute. */
const deafAfter = 4;

/** What the host knows of one edge node. */
export class EdgeNode {
  readonly group: string;
  readonly name: string;
  /** `group/edgeNode`. */
  readonly key: string;
  readonly profile: SparkplugProfile;
  readonly self: EdgeDevice;
  readonly devices = new Map<string, EdgeDevice>();
  /** Aliases are unique per edge node, over all its devices. */
  readonly aliases = new Map<number, Point>();
  readonly sequence: Sequence<UplinkTopic>;
  /** The session that its last message came over: where commands go. */
  session: HostSession;
  state: EdgeNodeState = "unborn";
  /** False once an NBIRTH may have been missed: its aliases could mean other metrics. */
  aliasesHold = true;
  /** Until then (host clock) its sequence may go on where our connection broke. */
  mayContinueUntil = 0;
  /** Requests for its births since the last NBIRTH. */
  unansweredRebirths = 0;
  bdSeq: number | undefined;
  /** Payload timestamp of the last NBIRTH. */
  bornAt = Number.NaN;
  reorderTimer: Disposable | undefined;
  /** Runs out when the devices of a new NBIRTH should have been born again. */
  birthGrace: Disposable | undefined;

  constructor(topic: UplinkTopic, profile: SparkplugProfile, session: HostSession, sequence: Sequence<UplinkTopic>) {
    this.group = topic.group;
    this.name = topic.edgeNode;
    this.key = topic.nodeKey;
    this.profile = profile;
    this.session = session;
    this.sequence = sequence;
    this.self = new EdgeDevice(this, "");
  }

  /** It was asked often enough: some edge nodes of 2.2 do not know the request, and would be lost until they reconnect. */
  get isDeaf(): boolean {
    return this.unansweredRebirths >= deafAfter;
  }

  *members(): Generator<EdgeDevice> {
    yield this.self;
    yield* this.devices.values();
  }

  stopReordering(): void {
    this.reorderTimer?.[Symbol.dispose]();
    this.reorderTimer = undefined;
  }
}
