import type { Device } from "#fleet/device.ts";
import type { PresenceState } from "#fleet/ports.ts";
import type { HostSession } from "./host-session.ts";
import type { Point } from "./points.ts";
import { Sequence } from "./sequence.ts";
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
  /** Metrics of its last BIRTH by name. */
  points: ReadonlyMap<string, Point> = new Map();
  isBorn = false;
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

/** What the host knows of one edge node. */
export class EdgeNode {
  readonly group: string;
  readonly name: string;
  /** `group/edgeNode`. */
  readonly key: string;
  readonly self: EdgeDevice;
  readonly devices = new Map<string, EdgeDevice>();
  /** Aliases are unique per edge node, over all its devices. */
  readonly aliases = new Map<number, Point>();
  readonly sequence = new Sequence<UplinkTopic>();
  /** The session that its last message came over: where commands go. */
  session: HostSession;
  state: EdgeNodeState = "unborn";
  /** False once an NBIRTH may have been missed: its aliases could mean other metrics. */
  aliasesHold = true;
  bdSeq: number | undefined;
  /** Payload timestamp of the last NBIRTH. */
  bornAt = Number.NaN;
  reorderTimer: Disposable | undefined;
  /** Runs out when the devices of a new NBIRTH should have been born again. */
  birthGrace: Disposable | undefined;

  constructor(topic: UplinkTopic, session: HostSession) {
    this.group = topic.group;
    this.name = topic.edgeNode;
    this.key = topic.nodeKey;
    this.session = session;
    this.self = new EdgeDevice(this, "");
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
