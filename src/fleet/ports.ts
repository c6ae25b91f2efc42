import type { CommandAck, OutgoingCommand } from "#model/command.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";

/** How reachable a device is. `stale`: its last values stand but nobody vouches for them. */
export type PresenceState = "unknown" | "online" | "stale" | "offline";

/** What a transport learned when a device introduced itself (a BIRTH, a registration, a first message). */
export interface Announcement {
  readonly protocol: Protocol;
  /** The device's own name; becomes its DeviceId. */
  readonly name: string;
  /** Where the transport reaches it, unique within the protocol, e.g. `Demo/panel-1/CB-0001`. */
  readonly address: string;
  /** The type it declares, if any (Sparkplug `Device/Type`, JSON `device_type`). */
  readonly declaredType: string | undefined;
  /** Wire addresses (metric names, paths) it offers. */
  readonly points: readonly string[];
  readonly at: EpochMs;
}

/** Why traffic was not accepted; every message in is accepted or counted under one of these. */
export const rejectionReasons = [
  "malformed",
  "oversized",
  "unknown-device",
  "unknown-point",
  "not-announced",
  "out-of-sequence",
  "foreign-device",
  "invalid-topic",
] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/**
 * What a transport reports to, implemented by the fleet. All methods are synchronous, return within microseconds and
 * never throw; a batch is only valid during the call.
 */
export interface Uplink {
  /** A device introduces itself; returns its record, or undefined when it is not admitted (counted by the fleet). */
  announced(announcement: Announcement): Device | undefined;
  /** New samples of a device, in wire order. */
  samples(device: Device, batch: SampleBatch): void;
  /** The transport's view of a device's reachability; `at` is the time to stamp on stale values. */
  presence(device: Device, state: PresenceState, at: EpochMs, reason: string): void;
  /** A device answered a command. */
  acknowledged(device: Device, ack: CommandAck): void;
  /** Counts one message that arrived, whatever becomes of it. */
  received(): void;
  /** Counts one message (or part of one) that was not accepted; `source` names topic or device. */
  rejected(source: string, reason: RejectionReason, detail: string): void;
}

export interface TransportHealth {
  readonly connected: boolean;
  /** One sentence with the address and, when not connected, the cause. */
  readonly detail: string;
}

/** One protocol towards the devices. */
export interface DeviceTransport extends AsyncDisposable {
  readonly protocol: Protocol;
  /** Connects (and keeps reconnecting by itself); resolves once the first attempt is under way. */
  start(uplink: Uplink): Promise<void>;
  /**
   * Encodes and sends a command; resolves when it has left the host, which confirms nothing.
   * Throws `command-not-sent` (not connected, device unknown to the transport, point not offered by it).
   */
  send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void>;
  health(): TransportHealth;
}

/**
 * Whoever wants every accepted sample. Called synchronously for each batch, after the live values were updated; must not
 * block or throw, and copies what it keeps.
 */
export interface SampleSink {
  accept(device: Device, batch: SampleBatch): void;
}

/** A question for stored raw values of one parameter (OPC 10000-11, 6.5.3). Times are epoch ms. */
export interface RawHistoryQuery {
  readonly device: DeviceId;
  readonly parameter: string;
  /** Oldest instant wanted (inclusive); undefined = from the beginning. */
  readonly from: EpochMs | undefined;
  /** Newest instant wanted (exclusive unless reading backwards); undefined = to the end. */
  readonly to: EpochMs | undefined;
  /** True: newest first; then `to` is inclusive and `from` exclusive. */
  readonly reverse: boolean;
  /** At most this many values. */
  readonly limit: number;
  /** Continues behind this instant (exclusive, in the direction of reading): the last time of the page before. */
  readonly after?: EpochMs;
}

/** Stored values as columns, in the order asked for. */
export interface HistoryPage {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly qualities: Uint32Array;
  /** Texts where the value is one; undefined when no value of the page is a text. */
  readonly texts: readonly (string | undefined)[] | undefined;
  /** True when the limit cut the answer: ask again from the last time on. */
  readonly more: boolean;
}

/** Reads back what was stored; values accepted before the call are included. Throws `history-unavailable`. */
export interface HistoryReader {
  raw(query: RawHistoryQuery): Promise<HistoryPage>;
}
