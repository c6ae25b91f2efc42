import type { Device } from "#fleet/device.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { Principal } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";

/** One alarm: a rule on a device, or a matter of the host itself. */
export interface Alarm {
  /** `CB-0001/Overtemperature`; of the host `Server/AuditUnavailable`. The same over restarts. */
  readonly id: string;
  /** Undefined for the host's own. */
  readonly device: Device | undefined;
  readonly spec: AlarmSpec;
  readonly state: AlarmState;
}

/** What happened, for listeners and for the journal. */
export const eventKinds = [
  "active",
  "cleared",
  "acknowledged",
  "confirmed",
  "commented",
  "enabled",
  "disabled",
  "shelved",
  "unshelved",
  "suppressed",
  "unsuppressed",
  "out-of-service",
  "in-service",
  "reset",
  "updated",
  /** Not of an alarm: something that a device reported, e.g. a trip notice. */
  "device-event",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** One thing that happened, as it is delivered, journalled and read back; complete in itself. */
export interface EventRecord {
  /** 32 hexadecimal digits. */
  readonly eventId: string;
  readonly kind: EventKind;
  readonly at: EpochMs;
  readonly receivedAt: EpochMs;
  /** Undefined for the host's own. */
  readonly device: DeviceId | undefined;
  /** Name of the alarm's rule, or the device's word for its event. */
  readonly name: string;
  readonly severity: number;
  readonly message: string;
  /** Who did it, where a person did. */
  readonly user: string | undefined;
  /** The alarm as it was then; undefined for device events. */
  readonly alarm: { readonly spec: AlarmSpec; readonly state: AlarmState } | undefined;
  /** What a device event carried. */
  readonly fields: Readonly<Record<string, ParameterValue>>;
}

/**
 * What people do with alarms. Each throws `alarm-unknown` for an id that is not there, `access-denied` below the role
 * operator (maintenance for out of service and enabling), `alarm-event-unknown` for an `eventId` that is not of the
 * present activity of the alarm, `alarm-disabled` for one that is disabled, and a code of its own when the state does not
 * allow it. Whatever was done is an event before the call returns, and is in the audit.
 */
export interface AlarmActions {
  /** `eventId`: what the user saw; undefined = the newest state. Throws `alarm-acknowledged` the second time. */
  acknowledge(id: string, by: Principal, comment: string, eventId?: string): void;
  /** Throws `alarm-confirmed` where no confirmation is asked, or it was given; `alarm-state` before it is acknowledged. */
  confirm(id: string, by: Principal, comment: string, eventId?: string): void;
  comment(id: string, by: Principal, comment: string, eventId?: string): void;
  /** Throws `alarm-enabled` and `alarm-disabled` when it is so already. */
  setEnabled(id: string, enabled: boolean, by: Principal): void;
  /** `forMs` undefined: one-shot. Throws `alarm-shelved`, and `shelving-time` for 0 and for more than `maxShelvingMs`. */
  shelve(id: string, forMs: number | undefined, by: Principal, comment?: string): void;
  /** Throws `alarm-not-shelved`. */
  unshelve(id: string, by: Principal, comment?: string): void;
  /** Throws `alarm-state` when it is so already. */
  setSuppressed(id: string, suppressed: boolean, by: Principal, comment?: string): void;
  /** Throws `alarm-state` when it is so already. */
  setOutOfService(id: string, outOfService: boolean, by: Principal, comment?: string): void;
  /** For latched alarms whose cause has gone; throws `alarm-state` otherwise, and before it is acknowledged. */
  reset(id: string, by: Principal, comment?: string): void;
}

/** The longest time for which an alarm can be shelved. */
export const maxShelvingMs = 24 * 3_600_000;

/** What views of the alarms (OPC UA, web) see of them. */
export interface AlarmBoard extends AlarmActions {
  find(id: string): Alarm | undefined;
  /** All alarms of a device; of the host itself for undefined. In the order of the package. */
  of(device: Device | undefined): readonly Alarm[];
  /** Alarms that an operator should see: enabled and (active, or not acknowledged, or not confirmed where that is asked). */
  retained(): Iterable<Alarm>;
  /** Called for each event, in order, synchronously; must not throw or block. */
  onEvent(listener: (event: EventRecord) => void): void;
  /** Called after a rule was added to the devices of a package or taken from them; undefined for the host's own. */
  onRulesChange(listener: (pkg: DevicePackage | undefined) => void): void;
  readonly health: HealthBoard;
}

/** DeviceHealth (OPC 10000-100, 4.5.4): what the device says of itself and what its alarms say, the graver of both. */
export const deviceHealths = ["normal", "failure", "check-function", "off-spec", "maintenance-required"] as const;
export type DeviceHealth = (typeof deviceHealths)[number];

/** How the devices are, in the classes of NAMUR NE 107. */
export interface HealthBoard {
  of(device: Device): DeviceHealth;
  /** Devices per class; a device counts once, in its gravest class. */
  counts(): Readonly<Record<DeviceHealth, number>>;
  /** Called synchronously when the health of a device has changed. */
  onChange(listener: (device: Device, health: DeviceHealth) => void): void;
}

/** A state to keep; undefined = it is as if it never was active. */
export interface KeptAlarm {
  readonly id: string;
  readonly state: AlarmState | undefined;
}

/** Where the states of alarms outlive the host. */
export interface AlarmStore {
  /** The newest state of each; throws `config-invalid` when what is there cannot be read. */
  load(): Promise<readonly KeptAlarm[]>;
  /** Adds what changed. `all` is asked for when it is time to write everything anew. */
  save(changes: readonly KeptAlarm[], all: () => readonly KeptAlarm[]): Promise<void>;
}

/** A question for journalled events. */
export interface EventQuery {
  /** Undefined: of every device and the host. */
  readonly device: DeviceId | undefined;
  /** Oldest time wanted (inclusive); undefined = from the beginning. */
  readonly from: EpochMs | undefined;
  /** Newest time wanted (exclusive unless reading backwards); undefined = to the end. */
  readonly to: EpochMs | undefined;
  /** True: newest first; then `to` is inclusive and `from` exclusive. */
  readonly reverse: boolean;
  /** At most this many; a page may hold fewer. */
  readonly limit: number;
  /** Opaque: continues behind this place, as the page before gave it. */
  readonly after?: string;
}

export interface EventPage {
  readonly events: readonly EventRecord[];
  /** Undefined: there is no more. */
  readonly next: string | undefined;
}

/** Keeps events for good. */
export interface EventJournal {
  /** Synchronous, never throws; kept in a spool of its own until the store has it. The same eventId twice is stored once. */
  append(event: EventRecord): void;
  /** Events appended before the call are included. Throws `history-unavailable`; `argument-invalid` for a wrong `after`. */
  read(query: EventQuery): Promise<EventPage>;
}

/** Where the rules that people wrote outlive the host. */
export interface RuleStore {
  /** The rules in their JSON shape; throws `config-invalid` when they cannot be read. */
  load(): Promise<readonly unknown[]>;
  save(rules: readonly unknown[]): Promise<void>;
}
