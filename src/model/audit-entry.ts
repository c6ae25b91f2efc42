import type { AddCauseCode } from "./add-cause.ts";
import type { CommandResult } from "./command.ts";
import type { ParameterValue } from "./data-type.ts";
import type { EpochMs } from "./ids.ts";

/**
 * `intent` is written before a command leaves the host, `outcome` when it is settled, `refused` when it was not let
 * through, `late` when a device answers after its command was given up, `site-change` when a setting changed without us,
 * `package` when a device was given another package, `onboarding` when somebody accepted, rejected or removed a device.
 * `session`: logins, also refused ones; `user` and `certificate`: who may get in was changed.
 * `alarm` when a person does something with an alarm or an alarm rule.
 */
export const auditKinds = [
  "start",
  "intent",
  "outcome",
  "refused",
  "late",
  "site-change",
  "lock",
  "selection",
  "test",
  "package",
  "session",
  "user",
  "certificate",
  "alarm",
  "onboarding",
] as const;

export type AuditKind = (typeof auditKinds)[number];

/** A setting before and after; `before` is undefined when it was not known. */
export interface SettingChange {
  readonly parameter: string;
  readonly before: ParameterValue | undefined;
  readonly after: ParameterValue;
}

/** One line of the audit: who did what to which device, from where, and what became of it. */
export interface AuditEntry {
  readonly at: EpochMs;
  readonly kind: AuditKind;
  /** Joins what belongs to one command; empty where there is none. */
  readonly commandId: string;
  readonly user: string;
  readonly origin: string;
  /** Empty for what concerns the host itself. */
  readonly device: string;
  /** E.g. `Trip`, `write ThermalPickup`, `InitLock`. */
  readonly action: string;
  readonly arguments?: Readonly<Record<string, ParameterValue>>;
  readonly changes?: readonly SettingChange[];
  /** `unknown`: the host ended before the outcome was known. */
  readonly result?: CommandResult | "unknown";
  readonly addCause?: AddCauseCode;
  /** Evidence or reason, one sentence. */
  readonly detail?: string;
}
