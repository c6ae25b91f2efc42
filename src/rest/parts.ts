import type { Access } from "#fleet/access/access.ts";
import type { AlarmBoard, EventJournal } from "#fleet/alarms/ports.ts";
import type { RuleBook } from "#fleet/alarms/rules/rule-book.ts";
import type { AuditReader } from "#fleet/audit-reader.ts";
import type { CommandBook } from "#fleet/command-book.ts";
import type { Control } from "#fleet/control.ts";
import type { DeviceList } from "#fleet/device-list.ts";
import type { HistoryExporter } from "#fleet/history-export.ts";
import type { LagMeter } from "#fleet/lag-meter.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { PackageChanges } from "#fleet/package-changes.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { PackageLibrary } from "#fleet/packages/package-library.ts";
import type { DeviceTransport, HistoryReader, ProcessedHistoryReader } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { TagNameplates } from "#fleet/tag-nameplates.ts";
import type { Traffic } from "#fleet/traffic.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { EpochMs } from "#model/ids.ts";
import type { LiveHub } from "#rest/live/live-hub.ts";

/** The inside of the host as the facade sees it. */
export interface FleetParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly traffic: Traffic;
  readonly shelf: PackageShelf;
  readonly control: Control;
  readonly devices: DeviceList;
  readonly commandBook: CommandBook;
  readonly lag: LagMeter;
  readonly alarms: AlarmBoard & { readonly rules: RuleBook };
  readonly onboarding: Onboarding;
  readonly packageChanges: PackageChanges;
  readonly tags: TagNameplates;
  readonly transports: readonly DeviceTransport[];
  readonly clock: Clock;
}

/** One thing the host depends on. */
export interface PartHealth {
  readonly name: string;
  readonly ready: boolean;
  /** One sentence with address and, when not ready, the cause. */
  readonly detail: string;
}

/** Counters of the history's way to the store. */
export interface StoreCounters {
  readonly accepted: number;
  readonly recovered: number;
  readonly stored: number;
  readonly merged: number;
  readonly queued: number;
  readonly unchanged: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** What waits on disk, and what became of events on their way to the store. */
export interface Waiting {
  /** The journal of the samples. */
  readonly journal: { readonly bytes: number; readonly maxBytes: number };
  /** appended + recovered = stored + queued + dropped. */
  readonly events: {
    readonly appended: number;
    readonly recovered: number;
    readonly stored: number;
    readonly queued: number;
    readonly dropped: number;
  };
  /** Alarm notifications that no receiver has taken yet. */
  readonly notifications: number;
}

export interface FacadeParts {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly fleet: FleetParts;
  readonly access: Access;
  readonly history: HistoryReader & ProcessedHistoryReader;
  readonly exporter: HistoryExporter;
  /** The journal of alarms and events. */
  readonly events: EventJournal;
  readonly audit: AuditReader;
  readonly packages: PackageLibrary;
  readonly hub: LiveHub;
  readonly storeCounters: () => StoreCounters;
  readonly waiting: () => Waiting;
  readonly health: () => readonly PartHealth[];
  readonly log: Logger;
}
