import type { Device } from "#fleet/device.ts";
import type { Clock } from "#lib/clock.ts";
import { Downlink } from "#transport/lwm2m/core/downlink.ts";
import { PendingRequests } from "#transport/lwm2m/core/pending-requests.ts";
import type { ResourceNode } from "#transport/lwm2m/core/resource-node.ts";
import type { PointsByPath } from "#transport/lwm2m/device-points.ts";
import type { Watched } from "#transport/shared/silence-watch.ts";
import type { OmaMessage } from "./message.ts";

/** What is known of one endpoint. */
export interface OmaClient extends Watched {
  readonly endpoint: string;
  readonly topic: string;
  /** Set once the fleet has admitted it. */
  record: Device | undefined;
  points: PointsByPath | undefined;
  /** What it said before it was admitted. */
  early: ResourceNode[];
  /** Questions of the introduction that are not answered yet. */
  introductionsLeft: number;
  /** Changes with each registration: answers to questions of an older one are void. */
  generation: number;
  refusedUntil: number;
  /** Content format for writing to it; the next is tried when it refuses one. */
  writeFormat: number;
  readonly downlink: Downlink;
  readonly pending: PendingRequests<OmaMessage>;
}

export function newOmaClient(endpoint: string, topic: string, clock: Clock, limitMs: number): OmaClient {
  return {
    endpoint,
    topic,
    record: undefined,
    points: undefined,
    early: [],
    introductionsLeft: 0,
    generation: 0,
    refusedUntil: 0,
    writeFormat: 112,
    downlink: new Downlink({ clock, endpoint }),
    pending: new PendingRequests(clock),
    lastHeard: 0,
    limitMs,
    isHeard: false,
  };
}
