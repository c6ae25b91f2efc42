import type { RejectionReason, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { SilenceWatch, type Watched } from "#transport/shared/silence-watch.ts";
import type { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { Births } from "./births.ts";
import type { CommandAnswers } from "./command-answers.ts";
import { DataReader, setPresence, sourceOf } from "./data-reader.ts";
import { EdgeDevice, EdgeNode } from "./edge-node.ts";
import type { EdgeNodeLimits } from "./edge-nodes.ts";
import { addEventSamples, parseFlatEvent } from "./flat-event.ts";
import type { HostSession } from "./host-session.ts";
import { boundParameters, type Point, pointOf } from "./points.ts";
import { profiles, type SparkplugProfile } from "./profiles.ts";
import { Sequence } from "./sequence.ts";
import type { UplinkTopic } from "./topic.ts";

export interface FlatDevicesOptions {
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly decoder: PayloadDecoder;
  readonly answers: CommandAnswers;
  readonly limits: EdgeNodeLimits;
}

/** How regularly a device speaks. */
interface Rhythm extends Watched {
  readonly device: EdgeDevice;
  /** Smoothed time between two messages; 0 until there were two. */
  periodMs: number;
  lastSeq: number;
}

const longestMs = Number.MAX_SAFE_INTEGER;

/** Devices that publish without an edge node: no births needed, no deaths to expect, silence instead. */
export class FlatDevices {
  readonly #options: FlatDevicesOptions;
  readonly #profile: SparkplugProfile = profiles["legacy-flat"];
  readonly #births: Births;
  readonly #reader: DataReader;
  readonly #groups = new Map<string, EdgeNode>();
  readonly #rhythms = new Map<EdgeDevice, Rhythm>();
  readonly #batch = new SampleBatch(16);
  readonly #silence: SilenceWatch<Rhythm>;
  /** Sequence numbers that were skipped; these devices repeat and skip them without losing anything. */
  sequenceGaps = 0;

  constructor(options: FlatDevicesOptions) {
    this.#options = options;
    this.#births = new Births(options.uplink);
    this.#reader = new DataReader(options.uplink, options.answers);
    this.#silence = new SilenceWatch(options.clock, (rhythm) => this.#silent(rhythm));
  }

  get size(): number {
    return this.#rhythms.size;
  }

  /** The device at `group/~/device`. */
  device(address: string): EdgeDevice | undefined {
    const [group, edgeNode, name = ""] = address.split("/");
    return this.#groups.get(`${group}/${edgeNode}`)?.devices.get(name);
  }

  /** Takes one message; never throws. */
  message(session: HostSession, topic: UplinkTopic, payload: Uint8Array): void {
    const receivedAt = this.#options.clock.now();
    // A trip notice is JSON where everything else is protobuf; no payload begins with the byte of "{".
    if (topic.type === "DDATA" && payload[0] === 0x7b) {
      this.#event(topic, payload, receivedAt);
      return;
    }
    const decoded = this.#options.decoder.decode(payload);
    if (!decoded.ok) {
      this.#reject(topic, decoded.reason, decoded.detail);
      return;
    }
    const device = this.#deviceOf(topic, session);
    if (device === undefined) this.#reject(topic, "too-many", `more than ${this.#rhythms.size} devices`);
    else if (topic.type === "DDEATH") {
      this.#options.uplink.accepted(sourceOf(device));
      setPresence(this.#options.uplink, device, "offline", receivedAt, "DDEATH");
    } else this.#samples(device, receivedAt);
  }

  sessionLost(session: HostSession, cause: string): void {
    const now = this.#options.clock.now();
    for (const node of this.#groups.values()) {
      if (node.session !== session) continue;
      for (const device of node.devices.values()) {
        if (device.presence !== "online") continue;
        setPresence(this.#options.uplink, device, "stale", now, `broker connection lost: ${cause}`);
      }
    }
  }

  /** The device introduces itself with its next message. */
  readmit(device: EdgeDevice): void {
    device.points.clear();
    device.offered.clear();
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]();
  }

  #samples(device: EdgeDevice, receivedAt: number): void {
    const { decoder } = this.#options;
    this.#feel(device, receivedAt);
    const isNew = this.#births.extend(device, decoder, receivedAt);
    const context = { receivedAt, flags: SampleFlag.none, isBirth: isNew, retired: [] };
    this.#reader.read(device, decoder, context);
  }

  #event(topic: UplinkTopic, payload: Uint8Array, receivedAt: number): void {
    const event = parseFlatEvent(payload, receivedAt);
    const device = this.#groups.get(topic.nodeKey)?.devices.get(topic.device ?? "");
    const record = device?.record;
    if (event === undefined) this.#reject(topic, "malformed", "JSON that is no event");
    else if (device === undefined || record === undefined) this.#reject(topic, "unknown-device", "not admitted");
    else {
      const { uplink } = this.#options;
      const bound = boundParameters(record.package);
      const pointFor = (name: string): Point | undefined =>
        bound.has(name) ? pointOf({ name, alias: -1, owner: device.name, datatype: 0 }, record.package) : undefined;
      uplink.accepted(record.id);
      this.#batch.reset(receivedAt);
      addEventSamples(this.#batch, event, this.#profile.eventMetrics, pointFor);
      setPresence(uplink, device, "online", receivedAt, "event");
      if (this.#batch.size > 0) uplink.samples(record, this.#batch);
      uplink.event?.(record, event);
    }
  }

  #deviceOf(topic: UplinkTopic, session: HostSession): EdgeDevice | undefined {
    const name = topic.device ?? "";
    const node = this.#groups.get(topic.nodeKey) ?? this.#newGroup(topic, session);
    node.session = session;
    const known = node.devices.get(name);
    if (known !== undefined) return known;
    if (this.#rhythms.size >= this.#options.limits.maxDevices) return undefined;
    const device = new EdgeDevice(node, name);
    this.#groups.set(topic.nodeKey, node);
    node.devices.set(name, device);
    const rhythm = { device, lastHeard: 0, limitMs: longestMs, isHeard: false, periodMs: 0, lastSeq: -1 };
    this.#rhythms.set(device, rhythm);
    this.#silence.add(rhythm);
    return device;
  }

  #newGroup(topic: UplinkTopic, session: HostSession): EdgeNode {
    return new EdgeNode(topic, this.#profile, session, new Sequence({ bytesLeft: 0 }));
  }

  #feel(device: EdgeDevice, receivedAt: number): void {
    const rhythm = this.#rhythms.get(device);
    if (rhythm === undefined) return;
    const { seq } = this.#options.decoder.columns;
    const isNext = seq === ((rhythm.lastSeq + 1) & 255) || seq === rhythm.lastSeq || seq === 0;
    if (rhythm.lastSeq >= 0 && !isNext) this.sequenceGaps += 1;
    rhythm.lastSeq = seq;
    // A pause must not count as a period, or the next pause would go unnoticed.
    if (rhythm.isHeard) {
      const elapsed = receivedAt - rhythm.lastHeard;
      rhythm.periodMs = rhythm.periodMs === 0 ? elapsed : rhythm.periodMs * 0.8 + elapsed * 0.2;
    }
    const { silence } = this.#profile;
    rhythm.limitMs = silence === undefined ? longestMs : Math.max(silence.minMs, silence.periods * rhythm.periodMs);
    rhythm.lastHeard = receivedAt;
    rhythm.isHeard = true;
  }

  #silent({ device, lastHeard }: Rhythm): void {
    const now = this.#options.clock.now();
    const reason = `silent for ${Math.round((now - lastHeard) / 1000)} s`;
    if (device.presence === "online") setPresence(this.#options.uplink, device, "stale", now, reason);
  }

  #reject(topic: UplinkTopic, reason: RejectionReason, detail: string): void {
    this.#options.uplink.rejected(textOf(topic), reason, detail);
  }
}

function textOf(topic: UplinkTopic): string {
  return `${topic.nodeKey}/${topic.device ?? ""}`;
}
