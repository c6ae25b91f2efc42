import type { AggregateConfiguration, AggregateName } from "#model/aggregate.ts";
import type { AuditEntry } from "#model/audit-entry.ts";
import type { CommandAck, OutgoingCommand } from "#model/command.ts";
import type { DataType, ParameterValue } from "#model/data-type.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { TestReport } from "./tests/test-report.ts";

/**
 * How reachable a device is. `stale`: its last values stand but nobody vouches for them; `offline`: it said goodbye or has
 * been silent for long; `retired`: out of service, or silent for so long that nobody waits for it.
 */
export const presenceStates = ["unknown", "online", "stale", "offline", "retired"] as const;

export type PresenceState = (typeof presenceStates)[number];

/** A point of a device as the device itself describes it: what a point without a package's word about it can be shown as. */
export interface OfferedPoint {
  /** Wire address, e.g. a metric name. */
  readonly address: string;
  /** Other ways in which packages write the same address. */
  readonly aliases?: readonly string[];
  readonly dataType: DataType;
  /** Unit in the device's own words. */
  readonly unit?: string | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** What a transport learned when a device introduced itself (a BIRTH, a registration, a first message). */
export interface Announcement {
  readonly protocol: Protocol;
  /** The device's own name; becomes its DeviceId. */
  readonly name: string;
  /** Where the transport reaches it, unique within the protocol, e.g. `Demo/panel-1/CB-0001`. */
  readonly address: string;
  /** The type it declares, if any (Sparkplug `Device/Type`, JSON `device_type`). */
  readonly declaredType: string | undefined;
  /** Type definitions that its points refer to (Sparkplug `templateRef`). */
  readonly references?: readonly string[];
  /** Wire addresses (metric names, paths) it offers. */
  readonly points: readonly string[];
  /** The same points with what the device says of them, where the protocol lets it say so. */
  readonly offers?: readonly OfferedPoint[];
  readonly at: EpochMs;
  /** False: made on the transport's own account, not for a message, so that a refusal is no rejected message. */
  readonly isMessage?: boolean;
}

/** Something the transport itself found wrong (or right again) that an operator should see; `id` names the matter. */
export interface TransportNotice {
  readonly id: string;
  readonly active: boolean;
  readonly text: string;
}

/** Something that happened on a device and is no sample, e.g. a trip notice. */
export interface DeviceEvent {
  /** The device's own word for it, e.g. `breaker_trip`. */
  readonly type: string;
  readonly at: EpochMs;
  readonly fields: Readonly<Record<string, ParameterValue>>;
}

/** A new value for a writable parameter, in the parameter's unit. */
export interface OutgoingWrite {
  readonly correlationId: string;
  readonly parameter: ParameterSpec;
  readonly value: ParameterValue;
}

/** Why a message or a part of one was not used; every message in is accepted or counted under one of these. */
export const rejectionReasons = [
  "malformed",
  "oversized",
  "unknown-device",
  "unknown-point",
  "not-announced",
  "out-of-sequence",
  "foreign-device",
  "invalid-topic",
  "wrong-type",
  "wrong-clock",
  "too-many",
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
  /**
   * The transport's view of a device's reachability; `at` is the time to stamp on stale values. Repeating `online` only
   * refreshes when the device was last seen.
   */
  presence(device: Device, state: PresenceState, at: EpochMs, reason: string): void;
  /** A device answered a command. */
  acknowledged(device: Device, ack: CommandAck): void;
  /** Counts one message that arrived; exactly one of `accepted` and `rejected` follows for it. */
  received(): void;
  /** Counts one message that was taken in, at least in part; `source` names the device, or the topic where it is not known. */
  accepted(source: string): void;
  /** Counts one message that was not used at all. */
  rejected(source: string, reason: RejectionReason, detail: string): void;
  /** Counts a part of an accepted message that could not be used, or was corrected. */
  flawed(source: string, reason: RejectionReason, detail: string): void;
  /** A device reports an event; its values come as samples as well. */
  event?(device: Device, event: DeviceEvent): void;
  /** A matter of the transport began or ended. */
  notice?(notice: TransportNotice): void;
}

export interface TransportHealth {
  readonly connected: boolean;
  /** One sentence with the address and, when not connected, the cause. */
  readonly detail: string;
  /** When it tries again to connect; absent while connected. */
  readonly nextAttemptAt?: EpochMs | undefined;
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
  /**
   * Encodes and sends a parameter's new value; resolves when it has left the host, which confirms nothing: the device
   * answers with an acknowledgement, or by reporting the value. Throws as `send` does.
   */
  write?(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void>;
  /** Makes the device at `address` introduce itself again: it was accepted, or its package changed. */
  readmit?(address: string): void;
  /**
   * Publishes samples of a device that another protocol owns, for listeners of this one; what comes back of it is
   * recognised and not taken for data. Synchronous, best effort.
   */
  mirror?(device: Device, batch: SampleBatch): void;
  health(): TransportHealth;
}

/** What is remembered of a device's reachability over a restart. */
export interface PresenceRecord {
  readonly id: DeviceId;
  readonly state: PresenceState;
  readonly since: EpochMs;
  readonly reason: string;
  /** When its last message arrived; absent when none ever did. */
  readonly lastSeen?: EpochMs | undefined;
}

/** Where presence is kept over a restart. */
export interface PresenceStore {
  /** Everything kept; empty when nothing is. Throws `config-invalid` when what is there cannot be read. */
  load(): Promise<readonly PresenceRecord[]>;
  save(records: readonly PresenceRecord[]): Promise<void>;
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
  /** When the host received the value, where that tells more than its time; NaN elsewhere, undefined when nowhere. */
  readonly serverTimes?: Float64Array | undefined;
  /** True when the limit cut the answer: ask again from the last time on. */
  readonly more: boolean;
}

/** A question for processed values of one parameter (OPC 10000-11, 6.5.4). Times are epoch ms. */
export interface ProcessedHistoryQuery {
  readonly device: DeviceId;
  readonly parameter: string;
  readonly aggregate: AggregateName;
  /** With endTime before startTime the intervals run backwards, the later time being the start of each. */
  readonly startTime: EpochMs;
  readonly endTime: EpochMs;
  /** 0: the whole time as one interval. */
  readonly processingIntervalMs: number;
  /** True: a value holds until the next one; false: it goes there in a straight line. */
  readonly stepped: boolean;
  readonly configuration: AggregateConfiguration;
}

/** One result for each interval, in the order of the intervals. */
export interface ProcessedHistoryPage {
  /** Start of the interval; where the aggregate says so, the time of the value. */
  readonly times: Float64Array;
  /** NaN = null. Durations in ms, qualities as StatusCode. */
  readonly values: Float64Array;
  /** StatusCodes with historian bits (OPC 10000-4, 7.39). */
  readonly statuses: Uint32Array;
}

/**
 * Computes aggregates (OPC 10000-13) of what was stored; values accepted before the call are included. Throws
 * `history-unavailable`, and `overloaded` for more than can be processed at once.
 */
export interface ProcessedHistoryReader {
  processed(query: ProcessedHistoryQuery): Promise<ProcessedHistoryPage>;
}

/** Reads back what was stored; values accepted before the call are included. Throws `history-unavailable`. */
export interface HistoryReader {
  raw(query: RawHistoryQuery): Promise<HistoryPage>;
}

/** Keeps the reports of finished tests over a restart. */
export interface TestReportStore {
  /** Never throws. */
  keep(report: TestReport): void;
  /** A report by its id; undefined when there is none, or none any more. */
  find(id: string): Promise<TestReport | undefined>;
}

/** Keeps who did what, in the order in which it is told. */
export interface AuditLog {
  /** Resolves when the entry would survive a power cut; rejects when it could not be written. */
  record(entry: AuditEntry): Promise<void>;
}
