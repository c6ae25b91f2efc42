import type { AlarmState } from "#model/alarm-state.ts";
import type { EpochMs } from "#model/ids.ts";
import type { AlarmColumn } from "./alarm-column.ts";
import type { EventKind } from "./ports.ts";
import type { TypeAlarms } from "./type-alarms.ts";

/** Where the conditions of a device, or of the host, are. */
export interface Place {
  readonly type: TypeAlarms;
  readonly row: number;
}

/** One condition. */
export interface ConditionRef extends Place {
  readonly column: AlarmColumn;
}

export interface Change {
  readonly condition: ConditionRef;
  readonly kind: EventKind;
  readonly before: AlarmState;
  readonly after: AlarmState;
  readonly receivedAt: EpochMs;
  readonly user: string | undefined;
}

/** `CB-0001/Overload`; of the host `Server/AuditUnavailable`. */
export function conditionId({ type, row, column }: ConditionRef): string {
  return `${type.devices[row]?.id ?? "Server"}/${column.spec.name}`;
}
