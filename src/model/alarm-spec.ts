import type { Condition } from "./condition.ts";

/** What an alarm is about; adapters choose the OPC UA alarm type by it and by `ne107` (OPC 10000-9, OPC 10000-100 4.5.4). */
export const alarmTypes = ["off-normal", "trip", "limit", "discrepancy", "system"] as const;
export type AlarmType = (typeof alarmTypes)[number];

export const conditionClasses = ["process", "safety", "maintenance", "system"] as const;
export type ConditionClass = (typeof conditionClasses)[number];

/** NAMUR NE 107: failure, check function, out of specification, maintenance required. */
export const ne107Classes = ["F", "C", "S", "M"] as const;
export type Ne107Class = (typeof ne107Classes)[number];

/** What follows an alarm; `device` actions are done by the device itself and never by the host. */
export interface AlarmAction {
  readonly name: string;
  /** The package's word, e.g. `EventLog`, `MQTT`, `Control`. */
  readonly type: string;
  readonly executedBy: "host" | "device";
}

/** One alarm of a device type: when it is active and what people are told. */
export interface AlarmSpec {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly type: AlarmType;
  readonly conditionClass: ConditionClass;
  /** 1 to 1000 (OPC 10000-5, 6.4.2). */
  readonly severity: number;
  readonly ne107?: Ne107Class;
  /** Active while this holds. */
  readonly when: Condition;
  /** Once active, it stays so until this holds (hysteresis); absent: until `when` no longer holds. */
  readonly clearWhen?: Condition;
  /** How long `when` must hold before the alarm becomes active. */
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  /** Stays active until it is reset, whatever `when` says. */
  readonly latched: boolean;
  readonly category: string;
  /** 1 (first) to 10; absent: the severity alone orders the list. */
  readonly priority?: number;
  /** True: counts as acknowledged from the start. */
  readonly autoAcknowledge?: boolean;
  /** True: somebody has to confirm that its cause was removed, after it was acknowledged. */
  readonly requiresConfirmation?: boolean;
  readonly ansi?: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly actions: readonly AlarmAction[];
}
