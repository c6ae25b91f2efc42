import type { EpochMs } from "#model/ids.ts";
import type { Device } from "./device.ts";

/**
 * What the host itself finds wrong. Of the host: `audit-unavailable` (a command went out that the audit does not hold),
 * `history-unavailable` (the history store takes nothing; values wait), `history-journal-full` (not even the journal takes
 * any: nothing is acknowledged to brokers), `history-lost` (values or events will never be stored), `history-refused` (the
 * store refuses values; they are in quarantine), `history-damaged` (the store was unreadable and begun anew, or does not
 * survive a power cut). Of a device: `configuration-differs` (a setting was changed without the host).
 */
export const warningNames = [
  "audit-unavailable",
  "history-unavailable",
  "history-journal-full",
  "history-lost",
  "history-refused",
  "history-damaged",
  "configuration-differs",
] as const;
export type WarningName = (typeof warningNames)[number];

export interface Warning {
  readonly name: WarningName;
  /** Undefined for what concerns the host. */
  readonly device: Device | undefined;
  readonly since: EpochMs;
  readonly text: string;
}

export interface WarningChange extends Warning {
  readonly active: boolean;
}

/** Warnings that stand until what they are about is over; alarms are made from them. */
export class WarningBoard {
  readonly #standing = new Map<Device | undefined, Map<WarningName, Warning>>();
  readonly #listeners: ((change: WarningChange) => void)[] = [];

  /** Raises a warning or renews its text; `since` stays that of the first time. */
  raise(warning: Warning): void {
    const { device, name } = warning;
    const standing = this.#standing.get(device) ?? new Map<WarningName, Warning>();
    this.#standing.set(device, standing);
    const since = standing.get(name)?.since ?? warning.since;
    standing.set(name, { ...warning, since });
    this.#tell({ ...warning, since, active: true });
  }

  clear(name: WarningName, device: Device | undefined): void {
    const standing = this.#standing.get(device);
    const warning = standing?.get(name);
    if (standing === undefined || warning === undefined) return;
    standing.delete(name);
    if (standing.size === 0) this.#standing.delete(device);
    this.#tell({ ...warning, active: false });
  }

  find(name: WarningName, device: Device | undefined): Warning | undefined {
    return this.#standing.get(device)?.get(name);
  }

  all(): Warning[] {
    return [...this.#standing.values()].flatMap((standing) => [...standing.values()]);
  }

  /** Calls `listener` whenever a warning is raised, renewed or cleared. */
  onChange(listener: (change: WarningChange) => void): void {
    this.#listeners.push(listener);
  }

  #tell(change: WarningChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
