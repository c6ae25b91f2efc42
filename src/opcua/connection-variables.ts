import { coerceUInt64, DataType, StatusCodes } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import { rejectionReasons } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import { type ReasonCounts, type SourceTraffic, type Traffic, totalOf } from "#fleet/traffic.ts";
import type { LiveUpdate } from "./engine/live-variable.ts";

/** Where the connection of a device is asked about. */
export interface ConnectionSources {
  readonly presence: PresenceBoard;
  readonly traffic: Traffic;
}

/** What a variable is to be shown again for. */
export type ConnectionFact = "state" | "lastSeen" | "nextRetry" | "accepted" | "troubles";

/** A variable below the ConnectionPoint of every device. */
export interface ConnectionVariable {
  readonly name: string;
  readonly description: string;
  readonly dataType: DataType;
  readonly follows: ConnectionFact;
  /** What it shows at the time `now`. */
  show(device: Device, sources: ConnectionSources, now: Date): LiveUpdate;
}

/** How reachable a device is, and what became of its messages. */
export const connectionVariables: readonly ConnectionVariable[] = [
  {
    name: "State",
    description:
      "online, stale (its last values stand), offline, retired or unknown; its source time is when that began",
    dataType: DataType.String,
    follows: "state",
    show: (device, { presence }, now) => {
      const { state, since } = presence.of(device);
      return shown(DataType.String, state, now, new Date(since));
    },
  },
  {
    name: "Reason",
    description: "Why it is in that state",
    dataType: DataType.String,
    follows: "state",
    show: (device, { presence }, now) => {
      const { reason, since } = presence.of(device);
      return shown(DataType.String, reason, now, new Date(since));
    },
  },
  {
    name: "LastSeen",
    description: "When its last message arrived, also one before the server started; no value when none ever did",
    dataType: DataType.DateTime,
    follows: "lastSeen",
    show: (device, { presence }, now) => shown(DataType.DateTime, dateOf(presence.of(device).lastSeen), now),
  },
  {
    name: "NextRetry",
    description: "When the server tries again to reach the broker of the device; no value when there is nothing to try",
    dataType: DataType.DateTime,
    follows: "nextRetry",
    show: (device, { presence }, now) => shown(DataType.DateTime, dateOf(presence.nextRetry(device)), now),
  },
  {
    name: "MessagesAccepted",
    description: "Messages of the device that were taken in, at least in part, since the server started",
    dataType: DataType.UInt64,
    follows: "accepted",
    show: (device, { traffic }, now) => shown(DataType.UInt64, coerceUInt64(traffic.of(device.id)?.accepted ?? 0), now),
  },
  {
    name: "MessagesRejected",
    description: "Messages of the device that were not used",
    dataType: DataType.UInt64,
    follows: "troubles",
    show: (device, { traffic }, now) => {
      const counts = traffic.of(device.id);
      return shown(DataType.UInt64, coerceUInt64(counts === undefined ? 0 : totalOf(counts.rejected)), now);
    },
  },
  {
    name: "RejectedByReason",
    description:
      'Messages not used and parts of messages not used or corrected, by reason, as JSON: {"rejected":{},"flawed":{}}',
    dataType: DataType.String,
    follows: "troubles",
    show: (device, { traffic }, now) => shown(DataType.String, reasonsOf(traffic.of(device.id)), now),
  },
  {
    name: "LastProblem",
    description: "The last trouble with a message of the device",
    dataType: DataType.String,
    follows: "troubles",
    show: (device, { traffic }, now) => shown(DataType.String, traffic.of(device.id)?.lastProblem ?? "", now),
  },
];

function shown(dataType: DataType, value: unknown, now: Date, sourceTime = now): LiveUpdate {
  const status = value === undefined ? StatusCodes.BadNoData : StatusCodes.Good;
  return { dataType, value, status, sourceTime, serverTime: now };
}

function dateOf(epochMs: number | undefined): Date | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs);
}

function reasonsOf(counts: SourceTraffic | undefined): string {
  if (counts === undefined) return '{"rejected":{},"flawed":{}}';
  return JSON.stringify({ rejected: occurring(counts.rejected), flawed: occurring(counts.flawed) });
}

function occurring(counts: Readonly<ReasonCounts>): Partial<ReasonCounts> {
  return Object.fromEntries(
    rejectionReasons.flatMap((reason) => (counts[reason] > 0 ? [[reason, counts[reason]]] : [])),
  );
}
