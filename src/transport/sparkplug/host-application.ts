import type { Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { TopicCache } from "#transport/shared/topic-cache.ts";
import { type DecoderLimits, defaultLimits, PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import type { CommandAnswers } from "./command-answers.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { defaultEdgeNodeLimits, type EdgeNodeLimits, EdgeNodes } from "./edge-nodes.ts";
import { FlatDevices } from "./flat-devices.ts";
import type { GroupProfiles } from "./group-profiles.ts";
import type { HostSession, SessionReader } from "./host-session.ts";
import type { RebirthRequests } from "./rebirth-requests.ts";
import { noEdgeNode, parseUplinkTopic } from "./topic.ts";

export interface HostApplicationOptions {
  readonly hostId: string;
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly groupProfiles: GroupProfiles;
  readonly rebirths: RebirthRequests;
  readonly answers: CommandAnswers;
  readonly reorderTimeoutMs: number;
  readonly birthGraceMs: number;
  readonly limits: Partial<EdgeNodeLimits & DecoderLimits>;
}

/** Reads what arrives over all sessions and gives each message to the dialect it is in. */
export class HostApplication implements SessionReader {
  readonly edgeNodes: EdgeNodes;
  readonly flatDevices: FlatDevices;
  readonly #options: HostApplicationOptions;
  readonly #topics = new TopicCache(parseUplinkTopic);

  constructor(options: HostApplicationOptions) {
    this.#options = options;
    const { uplink, clock, answers, groupProfiles } = options;
    const limits = { ...defaultEdgeNodeLimits, ...defaultLimits, ...options.limits };
    const decoder = new PayloadDecoder(limits);
    const profileOf = groupProfiles.ofEdgeNode.bind(groupProfiles);
    this.edgeNodes = new EdgeNodes({ ...options, decoder, profileOf, limits });
    this.flatDevices = new FlatDevices({ uplink, clock, decoder, answers, limits });
  }

  /** The device at `group/edgeNode[/device]`; the edge node of flat devices is `~`. */
  device(address: string): EdgeDevice | undefined {
    return address.includes(`/${noEdgeNode}/`) ? this.flatDevices.device(address) : this.edgeNodes.device(address);
  }

  /**
   * Asks for the births of the edge node at or above `address`, also of one that was not heard of yet; a device without an
   * edge node introduces itself anew with its next message.
   */
  readmit(address: string): void {
    const [group, edgeNode] = address.split("/");
    const device = this.device(address);
    if (edgeNode !== noEdgeNode) this.#options.rebirths.request(`${group}/${edgeNode}`);
    else if (device !== undefined) this.flatDevices.readmit(device);
  }

  message(session: HostSession, topic: string, payload: Uint8Array): void {
    const { uplink, groupProfiles } = this.#options;
    uplink.received();
    const parsed = this.#topics.parse(topic);
    if (parsed === undefined)
      uplink.rejected(topic.slice(0, 200), "invalid-topic", "not that of an edge node or device");
    else if (parsed.edgeNode !== noEdgeNode) this.edgeNodes.message(session, parsed, payload);
    else if (groupProfiles.takesFlat(parsed.group)) this.flatDevices.message(session, parsed, payload);
    else uplink.rejected(topic.slice(0, 200), "invalid-topic", `group ${parsed.group} has edge nodes`);
  }

  up(session: HostSession): void {
    this.edgeNodes.sessionUp(session, this.#options.random);
  }

  lost(session: HostSession, cause: string): void {
    this.edgeNodes.sessionLost(session, cause);
    this.flatDevices.sessionLost(session, cause);
  }

  foreignHost(session: HostSession, isActive: boolean): void {
    const { hostId, log, uplink } = this.#options;
    const text = isActive
      ? `another host application uses host id ${hostId}: ${session.detail}`
      : `host id ${hostId} is ours alone again: ${session.detail}`;
    if (isActive) log.error(text);
    else log.info(text);
    uplink.notice?.({ id: `sparkplug-host-id ${session.url}`, active: isActive, text });
  }

  [Symbol.dispose](): void {
    this.edgeNodes[Symbol.dispose]();
    this.flatDevices[Symbol.dispose]();
  }
}
